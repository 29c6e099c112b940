package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail that is deferred comes again when its rule says so, whatever happens meanwhile. */
final class RetryFlowTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final String NOT_NOW = "450 4.2.1 Not now";

  @TempDir Path temp = Path.of("");

  private Remote remote;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectories(temp.resolve("data"));
    Files.writeString(temp.resolve("data/admin.token"), TOKEN);
    remote = new Remote();
  }

  @AfterEach
  void stop() {
    remote.close();
  }

  private TestGateway gateway(String... more) throws Exception {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    for (int i = 0; i < more.length; i += 2) {
      options.put("caravan." + more[i], more[i + 1]);
    }
    return TestGateway.start(temp.resolve("data"), options);
  }

  /** A copy of the routes as shipped. */
  private Path routes() throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
    return dir;
  }

  /** The routes as shipped, with this rule before the others. */
  private String routesWith(String rule) throws Exception {
    Path dir = routes();
    Path beans = dir.resolve("beans.xml");
    String before = Files.readString(beans);
    String first = "<property key=\"rules[0]\" value=\"#bean:bounces\"/>";
    assertThat(before).contains(first);
    Files.writeString(
        beans,
        before
            .replace(
                first,
                "<property key=\"rules[0]\" value=\"#bean:mine\"/>" + first.replace('0', '1'))
            .replace(
                "<bean name=\"bounces\"",
                "<bean name=\"mine\" type=\"dev.caravan.queue.RetryRule\"><properties>"
                    + rule
                    + "</properties></bean><bean name=\"bounces\""));
    return dir.toString();
  }

  private static void send(TestGateway gateway, String recipient) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of(recipient), "Subject: x\r\n\r\nx\r\n"))
          .startsWith("250 ");
    }
  }

  private static void await(TestGateway gateway, Predicate<Map<String, Integer>> wanted)
      throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    for (Map<String, Integer> counts = counts(gateway);
        !wanted.test(counts);
        counts = counts(gateway)) {
      assertThat(System.nanoTime() - deadline).as("%s", counts).isNegative();
    }
  }

  private static Map<String, Integer> counts(TestGateway gateway) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + "/api/queues"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      String json = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      Map<String, Integer> counts = new HashMap<>();
      for (JsonNode row : new JsonMapper().readTree(json)) {
        counts.merge(row.path("queue").asText(), row.path("count").asInt(), Integer::sum);
      }
      return counts;
    }
  }

  @Test
  void whatWaitsOnAStepThatIsNoLongerWrittenIsTriedWhenItIsDue() throws Exception {
    remote.answers(address -> NOT_NOW);
    try (TestGateway gateway = gateway("retry.schedule", "2s")) {
      send(gateway, "b@dest.example");
      await(gateway, q -> q.getOrDefault("mail.retry.2s", -1) == 1);
    }
    remote.answers(address -> "250 2.1.5 Ok");
    try (TestGateway gateway = gateway("retry.schedule", "1h")) {
      assertThat(counts(gateway)).containsKey("mail.retry.2s");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
    }
    try (TestGateway gateway = gateway("retry.schedule", "1h")) {
      assertThat(counts(gateway)).containsKey("mail.retry.1h").doesNotContainKey("mail.retry.2s");
    }
  }

  @Test
  void aRuleHasAScheduleOfItsOwn() throws Exception {
    remote.answers(address -> NOT_NOW);
    String rule =
        "<property key=\"recipientDomains\" value=\"*.partner.example\"/>"
            + "<property key=\"schedule\" value=\"1s,7h\"/>";
    try (TestGateway gateway = gateway("retry.schedule", "1h", "routes-dir", routesWith(rule))) {
      send(gateway, "b@sub.partner.example");
      send(gateway, "b@dest.example");
      await(
          gateway,
          q ->
              q.getOrDefault("mail.retry.1h", -1) == 1 && q.getOrDefault("mail.retry.7h", -1) == 1);
      assertThat(remote.received()).isEmpty();
      remote.answers(address -> "250 2.1.5 Ok");
      try (Client client = new Client(gateway.smtpPort())) {
        assertThat(client.say("ETRN sub.partner.example")).startsWith("25");
      }
      assertThat(remote.take().to()).containsExactly("b@sub.partner.example");
      assertThat(remote.received()).isEmpty();
    }
  }

  /** Mail that comes back all at once leaves room for fresh mail, and comes none the less. */
  @Test
  void whatIsDueStaysOnItsStepWhileThereIsMuchToDeliver() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    int mails = 200;
    remote.answers(address -> tries.incrementAndGet() <= mails ? NOT_NOW : "250 2.1.5 Ok");
    try (TestGateway gateway =
        gateway("retry.schedule", "3s", "retry.out-max", "1", "site.lanes-max", "0")) {
      try (Client client = new Client(gateway.smtpPort())) {
        for (int i = 0; i < mails; i++) {
          assertThat(client.send("a@sender.example", List.of("b@dest.example"), "\r\nx\r\n"))
              .startsWith("250 ");
        }
      }
      for (int i = 0; i < mails; i++) {
        assertThat(remote.take().to()).containsExactly("b@dest.example");
      }
      await(gateway, q -> q.getOrDefault("mail.retry.3s", -1) == 0);
      assertThat(remote.received()).isEmpty();
    }
  }

  /** One that can't be moved on undoes no others, and does not stand before them for ever. */
  @Test
  void aMailThatFailsOnItsStepKeepsNobodyWaiting() throws Exception {
    Set<String> tried = ConcurrentHashMap.newKeySet();
    remote.answers(address -> tried.add(address) ? NOT_NOW : "250 2.1.5 Ok");
    Path dir = routes();
    Path delivery = dir.resolve("delivery.xml");
    String before = Files.readString(delivery);
    String rung = "&amp;moveMax={{caravan.retry.move-max}}\"/>";
    assertThat(before).contains(rung);
    Files.writeString(
        delivery,
        before.replace(
            rung,
            "\"/>"
                + "<filter><simple>${body.envelope.sender} == 'bad@sender.example'</simple>"
                + "<throwException exceptionType=\"java.lang.IllegalStateException\""
                + " message=\"can't\"/></filter>"));
    try (TestGateway gateway = gateway("routes-dir", dir.toString());
        Client client = new Client(gateway.smtpPort())) {
      for (String from : List.of("a", "bad", "c")) {
        assertThat(
                client.send(
                    from + "@sender.example",
                    List.of(from + "@dest.example"),
                    "Subject: x\r\n\r\nx\r\n"))
            .startsWith("250 ");
      }
      assertThat(remote.take().to()).containsExactly("a@dest.example");
      assertThat(remote.take().to()).containsExactly("c@dest.example");
      await(gateway, q -> q.getOrDefault("mail.retry.1s", -1) == 1);
      assertThat(remote.received()).isEmpty();
    }
  }

  @Test
  void whoCameTooEarlyComesAgainSoon() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    remote.answers(
        address ->
            address.startsWith("later")
                ? NOT_NOW
                : tries.incrementAndGet() < 3
                    ? "450 4.2.0 <" + address + ">: Recipient address rejected: Greylisted"
                    : "250 2.1.5 Ok");
    try (TestGateway gateway = gateway("retry.schedule", "1h", "retry.greylist", "1s")) {
      send(gateway, "later@dest.example");
      send(gateway, "b@dest.example");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      await(gateway, q -> q.getOrDefault("mail.retry.1h", -1) == 1);
    }
  }

  @Test
  void aMailThatExpiresIsToldWithTheLastReply() throws Exception {
    remote.answers(address -> address.startsWith("a@") ? "250 2.1.5 Ok" : NOT_NOW);
    try (TestGateway gateway =
        gateway("retry.schedule", "1s", "retry.expiry", "2s", "retry.warn-after", "1s")) {
      send(gateway, "b@dest.example");
      String warning = remote.take().text();
      assertThat(warning).contains("Action: delayed", "Will-Retry-Until: ", NOT_NOW);
      String report = remote.take().text();
      assertThat(report)
          .contains("Action: failed", "Status: 4.4.7", "Final-Recipient: rfc822; b@dest.example")
          .contains("Diagnostic-Code: smtp; " + NOT_NOW);
      await(
          gateway,
          q -> q.getOrDefault("mail.retry.1s", -1) == 0 && q.getOrDefault("mail.out", -1) == 0);
      assertThat(remote.received()).isEmpty();
    }
  }

  /** A wait that a sender has asked for goes on where it was. */
  @Test
  void aHeldMailOutlivesTheProcess() throws Exception {
    try (TestGateway gateway = gateway()) {
      try (Client client = new Client(gateway.smtpPort())) {
        assertThat(client.say("MAIL FROM:<a@sender.example> HOLDFOR=6")).startsWith("250 ");
        assertThat(client.say("RCPT TO:<b@dest.example>")).startsWith("250 ");
        assertThat(client.say("DATA")).startsWith("354 ");
        assertThat(client.say("Subject: x\r\n\r\nx\r\n.")).startsWith("250 ");
      }
      await(gateway, q -> q.getOrDefault("mail.hold.1s", -1) == 1 || !remote.received().isEmpty());
    }
    try (TestGateway gateway = gateway()) {
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      await(gateway, q -> q.getOrDefault("mail.out", -1) == 0);
    }
  }
}
