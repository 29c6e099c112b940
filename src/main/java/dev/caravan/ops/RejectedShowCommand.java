package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan rejected show}. */
@Command(
    name = "show",
    description = "Shows a submission: why it is no mail, its properties, and how its body begins.")
final class RejectedShowCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ID", description = "As the list names it.")
  private String id = "";

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    String path = "/api/rejected/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
    JsonNode one = AdminClient.of(common.settings()).get(path);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(one);
    } else {
      for (String name : new String[] {"id", "at", "application", "code", "reason"}) {
        out.println(name + ": " + printable(one.path(name).asText()));
      }
      one.path("properties")
          .properties()
          .forEach(
              p ->
                  out.println(
                      "  " + printable(p.getKey()) + " = " + printable(p.getValue().asText())));
      out.println();
      out.println(printable(one.path("body").asText()));
    }
    out.flush();
    return 0;
  }

  /** Nothing of it moves the terminal's cursor. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]|\\p{Cf}", "?");
  }
}
