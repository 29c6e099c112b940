package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An operator edits a copy of the routes, as the README says; the gateway does as the copy says.
 */
final class EditedRoutesTest {
  private static final String MESSAGE =
      "From: a@sender.example\r\nTo: b@dest.example\r\nSubject: test\r\n\r\nhello\r\n";

  @TempDir Path temp = Path.of("");

  /** The routes as shipped, with this rule at the beginning of that route of policy.xml. */
  private Map<String, String> routesWith(String route, String rule) throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
    Path policy = dir.resolve("policy.xml");
    String from = "uri=\"direct:" + route + "\"/>";
    String before = Files.readString(policy);
    assertThat(before).contains(from);
    Files.writeString(policy, before.replace(from, from + "\n" + rule));
    return Map.of("caravan.routes-dir", dir.toString());
  }

  private TestGateway start(Map<String, String> options) throws Exception {
    return TestGateway.start(temp.resolve("data"), options);
  }

  /** The rule that the README shows. */
  private static String rule() throws Exception {
    Matcher m =
        Pattern.compile("```xml\n(<filter>.*?</filter>)\n```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(m.find()).isTrue();
    return m.group(1);
  }

  private static String rule(String verb) {
    return "<filter><simple>${body.sender.domain} == 'spam.example'</simple>" + verb + "</filter>";
  }

  @Test
  void theRuleOfTheReadmeRefusesAMessage() throws Exception {
    try (TestGateway gateway = start(routesWith("message", rule()));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@Spam.Example", List.of("b@dest.example"), MESSAGE))
          .isEqualTo("550 5.7.1 Not from there");
      assertThat(client.send("a@ham.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0 ");
      assertThat(client.send("a@sub.spam.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0 ");
      assertThat(client.send("", List.of("b@dest.example"), MESSAGE)).startsWith("250 2.0.0 ");
    }
  }

  @Test
  void theSameRuleRefusesASender() throws Exception {
    try (TestGateway gateway = start(routesWith("sender", rule()));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.say("MAIL FROM:<a@spam.example>")).isEqualTo("550 5.7.1 Not from there");
      assertThat(client.send("a@ham.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0 ");
    }
  }

  @Test
  void theSameRuleRefusesARecipient() throws Exception {
    try (TestGateway gateway = start(routesWith("recipient", rule()));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.say("MAIL FROM:<a@spam.example>")).startsWith("250");
      assertThat(client.say("RCPT TO:<b@dest.example>")).isEqualTo("550 5.7.1 Not from there");
    }
  }

  @Test
  void aVerbThatMakesNoSenseIsAnErrorOfOursAndNeverA250() throws Exception {
    String rule = rule("<bean ref=\"reject\" method=\"with('250 fine')\"/>");
    try (TestGateway gateway = start(routesWith("message", rule));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@spam.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("451 4.3.0 ");
    }
  }

  @Test
  void heldQuarantinedDiscardedAndPutOff() throws Exception {
    String rules =
        Stream.of("hold", "quarantine", "discard", "defer")
            .map(
                verb ->
                    "<filter><simple>${body.sender.domain} == '%s.example'</simple>".formatted(verb)
                        + "<bean ref=\"%s\" method=\"with('%s')\"/></filter>"
                            .formatted(verb, verb.equals("defer") ? "450 4.7.1 Later" : "said so"))
            .reduce("", String::concat);
    try (TestGateway gateway = start(routesWith("message", rules));
        Client client = new Client(gateway.smtpPort())) {
      for (String verb : List.of("hold", "quarantine", "discard")) {
        assertThat(client.send("a@" + verb + ".example", List.of("b@dest.example"), MESSAGE))
            .as(verb)
            .startsWith("250 2.0.0 ");
      }
      assertThat(client.send("a@defer.example", List.of("b@dest.example"), MESSAGE))
          .isEqualTo("450 4.7.1 Later");
      String metrics = get(gateway, "/metrics");
      assertThat(metrics)
          .contains("caravan_queue_messages{queue=\"mail.held\"} 1\n")
          .contains("caravan_queue_messages{queue=\"mail.quarantine\"} 1\n")
          .contains("caravan_queue_messages{queue=\"mail.out\"} 0\n");
      assertThat(temp.resolve("data/sandbox"))
          .satisfiesAnyOf(
              dir -> assertThat(dir).doesNotExist(), dir -> assertThat(dir).isEmptyDirectory());
    }
  }

  @Test
  void aHeaderFieldIsAddedOnce() throws Exception {
    String rule = rule("<bean ref=\"addHeader\" method=\"with('X-Checked','yes')\"/>");
    try (Remote remote = new Remote()) {
      Map<String, String> options = new java.util.HashMap<>(routesWith("message", rule));
      options.putAll(TestGateway.smarthost(remote));
      try (TestGateway gateway = start(options);
          Client client = new Client(gateway.smtpPort())) {
        assertThat(client.send("a@spam.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250");
        assertThat(remote.take().text()).containsOnlyOnce("X-Checked: yes\r\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"sender,421 4.7.0 Enough", "recipient,554 5.7.1 Enough", "message,554 5.7.1 Enough"})
  void aRuleClosesTheConnection(String phase, String reply) throws Exception {
    String rule = rule("<bean ref=\"close\" method=\"with('%s')\"/>".formatted(reply));
    try (TestGateway gateway = start(routesWith(phase, rule));
        Client client = new Client(gateway.smtpPort())) {
      String last = client.say("MAIL FROM:<a@spam.example>");
      if (!phase.equals("sender")) {
        last = client.say("RCPT TO:<b@dest.example>");
      }
      if (phase.equals("message")) {
        client.say("DATA");
        last = client.say(MESSAGE + ".");
      }
      assertThat(last).isEqualTo(reply);
      assertThat(client.reply()).isEmpty();
    }
  }

  @Test
  void aRecipientIsReplacedAndAMailGoesByAnotherServer() throws Exception {
    try (Remote configured = new Remote();
        Remote named = new Remote()) {
      Map<String, String> options =
          new java.util.HashMap<>(
              routesWith(
                  "recipient", rule("<bean ref=\"redirect\" method=\"to('x@else.example')\"/>")));
      Path policy = Path.of(options.get("caravan.routes-dir")).resolve("policy.xml");
      String via = "<bean ref=\"handling\" method=\"via('127.0.0.1:" + named.port() + "')\"/>";
      String from = "uri=\"direct:message\"/>";
      Files.writeString(policy, Files.readString(policy).replace(from, from + rule(via)));
      options.putAll(TestGateway.smarthost(configured));
      try (TestGateway gateway = start(options);
          Client client = new Client(gateway.smtpPort())) {
        assertThat(client.send("a@spam.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250");
        assertThat(named.take().to()).containsExactly("x@else.example");
        assertThat(client.send("a@ham.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250");
        assertThat(configured.take().to()).containsExactly("b@dest.example");
      }
    }
  }

  /** Whoever takes out a route loses its checks, and only without recipient that is everything. */
  @Test
  void phasesWithoutARoute() throws Exception {
    Map<String, String> options = routesWith("message", "");
    Path policy = Path.of(options.get("caravan.routes-dir")).resolve("policy.xml");
    for (String phase : List.of("sender", "message", "recipient")) {
      String all = Files.readString(policy);
      String less = all.replaceFirst("(?s)<route id=\"" + phase + "\".*?</route>", "");
      assertThat(less).isNotEqualTo(all);
      Files.writeString(policy, less);
      try (TestGateway gateway = start(options);
          Client client = new Client(gateway.smtpPort())) {
        if (phase.equals("recipient")) {
          assertThat(client.say("MAIL FROM:<a@spam.example>")).startsWith("250 ");
          assertThat(client.say("RCPT TO:<b@dest.example>")).startsWith("550 5.7.1 ");
        } else {
          assertThat(client.send("a@spam.example", List.of("b@dest.example"), MESSAGE))
              .as(phase)
              .startsWith("250 2.0.0 ");
        }
      }
    }
  }

  private static String get(TestGateway gateway, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
