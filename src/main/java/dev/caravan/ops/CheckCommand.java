package dev.caravan.ops;

import dev.caravan.settings.InvalidSettingsException;
import dev.caravan.settings.Problem;
import dev.caravan.settings.Settings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code caravan check}. */
@Command(
    name = "check",
    description = {
      "Checks configuration and routes without starting anything.",
      "Prints one problem a line, FILE:LINE: sentence, and exits with 1 when there is one."
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    List<Problem> problems;
    try {
      Settings settings = common.settings();
      problems = ConfigCheck.problems(settings);
    } catch (InvalidSettingsException e) {
      problems = e.problems();
    }
    var out = spec.commandLine().getOut();
    problems.forEach(out::println);
    if (problems.isEmpty()) {
      out.println("configuration and routes are right");
    }
    out.flush();
    return problems.isEmpty() ? 0 : Commands.NO;
  }
}
