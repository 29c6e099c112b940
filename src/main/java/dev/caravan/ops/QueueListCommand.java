package dev.caravan.ops;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan queue list}. */
@Command(
    name = "list",
    description = "Shows how many mails wait, by queue and site, and the age of the oldest.")
final class QueueListCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Prints a JSON list instead of a table.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    List<QueueSummary> queues = AdminClient.of(common.settings()).queues();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new JsonMapper().writeValueAsString(queues));
    } else {
      Table table = new Table("QUEUE", "SITE", ">MAILS", ">OLDEST");
      queues.stream()
          .sorted(Comparator.comparing(QueueSummary::queue).thenComparing(QueueSummary::site))
          .forEach(
              q ->
                  table.row(
                      q.queue(),
                      q.site(),
                      Long.toString(q.count()),
                      q.count() == 0 ? "-" : Table.age(q.oldestSeconds())));
      out.print(table);
    }
    out.flush();
    return 0;
  }
}
