package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code caravan rejected list}. */
@Command(name = "list", description = "Shows what was rejected and why, the oldest first.")
final class RejectedListCommand implements Callable<Integer> {
  private static final int LIMIT_MAX = 10_000;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "No more than so many. Default: ${DEFAULT-VALUE}.")
  private int limit = 100;

  @Option(names = "--json", description = "Prints a JSON list instead of a table.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new ParameterException(spec.commandLine(), "--limit is 1 to " + LIMIT_MAX);
    }
    JsonNode answer = AdminClient.of(common.settings()).get("/api/rejected?limit=" + limit);
    JsonNode all = answer.path("rejected");
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (json) {
      out.println(all);
    } else if (all.isEmpty()) {
      err.println("nothing was rejected");
    } else {
      Instant now = Instant.now();
      Table table = new Table("ID", ">AGE", "APPLICATION", "CODE", "REASON");
      all.forEach(
          one ->
              table.row(
                  one.path("id").asText(),
                  Table.age(QueueListCommand.seconds(one.path("at").asText(), now, true)),
                  orDash(one.path("application").asText()),
                  orDash(one.path("code").asText()),
                  one.path("reason").asText()));
      out.print(table);
    }
    if (answer.path("more").asBoolean()) {
      err.println("there are more: --limit shows up to " + LIMIT_MAX);
    }
    out.flush();
    err.flush();
    return all.isEmpty() ? Commands.NO : 0;
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }
}
