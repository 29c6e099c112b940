package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan site list}. */
@Command(
    name = "list",
    description = "Shows the sites that had mail lately or have an order, and how each is doing.")
final class SiteListCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Prints a JSON list instead of a table.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    JsonNode sites = AdminClient.of(common.settings()).get("/api/sites");
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(sites);
    } else {
      Table table = new Table("SITE", "STATE", ">IN-FLIGHT", ">LIMIT", "RATE", "WHY");
      for (JsonNode site : sites) {
        List<String> rates = new ArrayList<>();
        site.path("rates").forEach(rate -> rates.add(rate.asText()));
        table.row(
            site.path("site").asText(),
            site.path("state").asText(),
            site.path("inFlight").asText(),
            site.path("concurrency").asText() + "/" + site.path("concurrencyMax").asText(),
            rates.isEmpty() ? "-" : String.join(",", rates),
            site.path("why").asText());
      }
      out.print(table);
    }
    out.flush();
    return 0;
  }
}
