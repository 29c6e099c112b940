package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a rule may do with a question beside refusing it, and listeners that are copied routes. */
final class VerbsFlowTest {
  private static final String MESSAGE =
      "From: a@sender.example\r\nX-Internal: 1\r\nSubject: x\r\nX-Internal: 2\r\n\r\nhello\r\n";

  @TempDir Path temp;

  private Map<String, String> routes(Remote remote, Map<String, String> rules, String more)
      throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
    Path policy = dir.resolve("policy.xml");
    String text = Files.readString(policy);
    for (Map.Entry<String, String> rule : rules.entrySet()) {
      String from = "<from id=\"" + rule.getKey() + ".in\" uri=\"direct:" + rule.getKey() + "\"/>";
      assertThat(text).contains(from);
      text = text.replace(from, from + rule.getValue());
    }
    Files.writeString(policy, text.replace("</camel>", more + "</camel>"));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.routes-dir", dir.toString());
    return options;
  }

  private TestGateway start(Map<String, String> options) throws Exception {
    return TestGateway.start(temp.resolve("data"), options);
  }

  @Test
  void recipientsHeadersAndTheWayAreChanged() throws Exception {
    try (Remote remote = new Remote();
        Remote other = new Remote();
        TestGateway gateway =
            start(
                routes(
                    remote,
                    Map.of(
                        "recipient",
                        "<filter><simple>${body.recipient} == 'old@dest.example'</simple>"
                            + "<bean ref=\"redirect\" method=\"to('new@dest.example')\"/></filter>",
                        "message",
                        "<bean ref=\"copy\" method=\"to('archive@dest.example')\"/>"
                            + "<bean ref=\"removeHeader\" method=\"named('x-internal')\"/>"
                            + "<bean ref=\"handling\" method=\"priority(5)\"/>"
                            + "<bean ref=\"handling\" method=\"via('127.0.0.1:"
                            + other.port()
                            + "')\"/>"),
                    ""));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of("old@dest.example"), MESSAGE))
          .startsWith("250 2.0.0");
      Remote.Received got = other.take();
      assertThat(got.to()).containsExactly("new@dest.example", "archive@dest.example");
      assertThat(got.text())
          .doesNotContain("X-Internal")
          .endsWith("From: a@sender.example\r\nSubject: x\r\n\r\nhello\r\n");
      assertThat(remote.received()).isEmpty();
    }
  }

  @Test
  void aRuleClosesTheConnection() throws Exception {
    String close = "<bean ref=\"close\" method=\"with('421 4.7.0 Not now')\"/>";
    try (Remote remote = new Remote();
        TestGateway gateway =
            start(
                routes(
                    remote,
                    Map.of(
                        "sender",
                        "<filter><simple>${body.sender.domain} == 'x.example'</simple>"
                            + close
                            + "</filter>"),
                    "<route id=\"connection\" routeConfigurationId=\"called\">"
                        + "<from uri=\"direct:connection\"/>"
                        + "<bean ref=\"reverseName\" method=\"find\"/>"
                        + "<filter><simple>${body.origin.listener} == 'closed'</simple>"
                        + close
                        + "</filter></route>"
                        + "<route id=\"closed-in\" routeConfigurationId=\"edge-errors\">"
                        + "<from uri=\"smtp-server:closed?port=0&amp;tls=none\"/>"
                        + "<to uri=\"direct:smtp\"/></route>"));
        Client client = new Client(gateway.smtpPort());
        Client closed = Client.beginning(gateway.port("closed"), "")) {
      assertThat(closed.reply()).isEqualTo("421 4.7.0 Not now");
      assertThat(closed.reply()).isEmpty();
      assertThat(client.say("MAIL FROM:<a@x.example>")).isEqualTo("421 4.7.0 Not now");
      assertThat(client.reply()).isEmpty();
    }
  }

  /** Another name, other networks: strangers here, friends there. */
  @Test
  void anotherListenerIsACopiedRoute() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway =
            start(
                routes(
                    remote,
                    Map.of(),
                    "<route id=\"legacy-in\" routeConfigurationId=\"edge-errors\"><from"
                        + " uri=\"smtp-server:legacy?port=0&amp;tls=none&amp;networks=192.0.2.0/24&amp;maxConnections=1\"/><to"
                        + " uri=\"direct:smtp\"/></route>"));
        Client legacy = new Client(gateway.port("legacy"));
        Client second = Client.beginning(gateway.port("legacy"), "")) {
      assertThat(second.reply()).startsWith("421 4.7.0");
      legacy.say("MAIL FROM:<a@sender.example>");
      assertThat(legacy.say("RCPT TO:<b@dest.example>")).startsWith("550 5.7.1");
      assertThat(legacy.say("RCPT TO:<postmaster>")).startsWith("250 ");
    }
  }
}
