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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan queue show}. */
@Command(
    name = "show",
    sortOptions = false,
    description = {
      "Shows a mail: where it waits and why, its header, what was said in its last attempts,",
      "and what has happened to it; of mail that is gone, what became of it, for some time."
    })
final class QueueShowCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ID", description = "The mail's name.")
  private String id = "";

  @Option(names = "--content", description = "Prints the message itself, and nothing else.")
  private boolean content;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    try {
      String checked = new dev.caravan.mail.MailId(id).value();
      AdminClient client = AdminClient.of(common.settings());
      PrintWriter out = spec.commandLine().getOut();
      if (content) {
        client.text("/api/mails/" + checked + "/content", out);
      } else {
        JsonNode mail = client.get("/api/mails/" + checked);
        if (json) {
          out.println(mail);
        } else {
          print(mail, out);
        }
      }
      out.flush();
      return 0;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static void print(JsonNode mail, PrintWriter out) {
    line(out, "Mail", mail.path("id").asText());
    for (JsonNode waiting : mail.path("waiting")) {
      out.println();
      line(out, "From", "<" + waiting.path("from").asText() + ">");
      List<String> to = new ArrayList<>();
      waiting.path("to").forEach(recipient -> to.add("<" + recipient.asText() + ">"));
      line(out, "To", String.join(", ", to));
      for (String name :
          List.of("site", "queue", "state", "size", "queuedAt", "attempts", "nextAttempt")) {
        line(out, label(name), waiting.path(name).asText());
      }
      for (String name : List.of("holdUntil", "lastReply", "user", "source")) {
        line(out, label(name), waiting.path(name).asText());
      }
      line(out, "Why", waiting.path("why").asText());
      lines(out, "Last attempts", waiting.path("history"));
    }
    if (!mail.path("header").isEmpty()) {
      out.println();
      out.println("Header:");
      for (JsonNode field : mail.path("header")) {
        out.println(
            "  " + clean(field.path("name").asText()) + ": " + clean(field.path("value").asText()));
      }
    }
    lines(out, "What was said last", mail.path("transcript"));
    if (!mail.path("events").isEmpty()) {
      out.println();
      out.println("Events:");
      mail.path("events").forEach(event -> out.println("  " + event(event)));
    }
  }

  private static String event(JsonNode event) {
    List<String> to = new ArrayList<>();
    event.path("to").forEach(recipient -> to.add(recipient.asText()));
    StringBuilder line = new StringBuilder(event.path("at").asText());
    line.append("  ").append(event.path("type").asText());
    line.append("  ").append(String.join(", ", to));
    if (event.has("peer")) {
      line.append("  ").append(event.path("peer").asText());
    }
    JsonNode reply = event.path("reply");
    if (reply.isObject()) {
      line.append("  ").append(reply.path("code").asText());
      line.append(' ').append(reply.path("enhanced").asText());
      line.append(' ').append(reply.path("text").asText());
    }
    return clean(line.toString());
  }

  private static void lines(PrintWriter out, String title, JsonNode lines) {
    if (!lines.isEmpty()) {
      out.println(title + ":");
      lines.forEach(line -> out.println("  " + clean(line.asText())));
    }
  }

  private static void line(PrintWriter out, String label, String value) {
    if (!value.isEmpty()) {
      out.println(String.format("%-14s%s", label + ":", clean(value)));
    }
  }

  private static String label(String name) {
    String spaced = name.replaceAll("([A-Z])", " $1").toLowerCase(java.util.Locale.ROOT);
    return Character.toUpperCase(spaced.charAt(0)) + spaced.substring(1);
  }

  /** What comes from outside moves no cursor. */
  private static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
