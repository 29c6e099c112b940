package dev.caravan.ops;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code caravan run}: everything, in the foreground, until SIGTERM or SIGINT. */
@Command(
    name = "run",
    description = {
      "Runs the gateway in the foreground.",
      "When mail can be accepted it prints 'caravan ready smtp=HOST:PORT …' on standard output;"
          + " the log goes to standard error. SIGTERM lets the mail in work end and stops, with"
          + " exit status 0."
    })
final class RunCommand implements Callable<Integer> {
  private final RunningGateway.Starter starter;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  RunCommand(RunningGateway.Starter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() throws Exception {
    CommandLine line = spec.commandLine();
    return new GatewayRun(starter, line.getOut(), line.getErr()).call(common::settings);
  }
}
