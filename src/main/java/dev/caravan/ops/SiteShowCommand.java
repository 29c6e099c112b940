package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan site show}. */
@Command(
    name = "show",
    description = "Shows one site: its state and why, its limits, its orders, how much waits.")
final class SiteShowCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SITE", description = "As in the events.")
  private String site = "";

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    JsonNode answer = AdminClient.of(common.settings()).get(path(site));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer);
    } else {
      print(answer, out);
    }
    out.flush();
    return 0;
  }

  static String path(String site) {
    return "/api/sites/" + URLEncoder.encode(site, StandardCharsets.UTF_8);
  }

  static void print(JsonNode site, PrintWriter out) {
    line(out, "Site", site.path("site").asText());
    line(out, "State", site.path("state").asText());
    line(out, "Why", site.path("why").asText());
    line(
        out,
        "Connections",
        site.path("inFlight").asText()
            + " of "
            + site.path("concurrency").asText()
            + ", at most "
            + site.path("concurrencyMax").asText());
    List<String> rates = new ArrayList<>();
    site.path("rates").forEach(rate -> rates.add(rate.asText()));
    line(out, "Rate", rates.isEmpty() ? "not limited" : String.join(",", rates));
    String label = "From";
    for (JsonNode source : site.path("sources")) {
      String name = source.path("name").asText();
      boolean named = !name.isEmpty() && !name.equals(source.path("source").asText());
      line(
          out,
          label,
          source.path("source").asText()
              + (named ? " " + name : "")
              + ": "
              + source.path("why").asText()
              + (source.has("todayMax") && !source.path("why").asText().contains(" mails today")
                  ? "; today "
                      + source.path("today").asText()
                      + " of "
                      + source.path("todayMax").asText()
                  : ""));
      label = "";
    }
    if (site.has("order")) {
      List<String> order = new ArrayList<>();
      site.path("order")
          .properties()
          .forEach(part -> order.add(part.getKey() + " " + part.getValue().asText()));
      line(out, "Ordered", String.join(", ", order));
    }
    if (site.has("mails")) {
      List<String> mails = new ArrayList<>();
      site.path("mails")
          .properties()
          .forEach(state -> mails.add(state.getValue().asText() + " " + state.getKey()));
      line(out, "Mails", mails.isEmpty() ? "none" : String.join(", ", mails));
    }
  }

  private static void line(PrintWriter out, String label, String value) {
    String head = label.isEmpty() ? "" : label + ":";
    out.println(String.format("%-14s%s", head, value.replaceAll("\\p{Cntrl}", "?")));
  }
}
