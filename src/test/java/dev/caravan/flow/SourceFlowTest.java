package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.dns.FakeDnsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What addresses of ours may do at a site, seen by its server. */
final class SourceFlowTest {
  private static final String ONE = "127.0.0.2";
  private static final String TWO = "127.0.0.3";
  private static final String SITE = "mx.good.example";
  private static final String LANE = "mail.out." + SITE;
  private static final String POOL = "<property key=\"addresses\" value=\"%s\"/>";

  @TempDir Path temp;

  private FakeDnsServer dns;
  private CountingRemote remote;

  @BeforeEach
  void start() throws Exception {
    Admin.token(temp.resolve("data"));
    remote = new CountingRemote("127.0.0.1", 0);
    dns = FakeDnsServer.start().mx("good.example", 10, SITE).a(SITE, "127.0.0.1");
  }

  @AfterEach
  void stop() {
    dns.close();
    remote.close();
  }

  private static String beans(String properties) {
    return "<bean name=\"pool\" type=\"dev.caravan.delivery.SourceRule\"><properties>"
        + properties
        + "</properties></bean>\n";
  }

  /** 50 mails for today and two days more. */
  private static String warmUp(String source, int today) {
    return """
    <bean name="newAddress" type="dev.caravan.traffic.WarmUpRule">
      <properties>
        <property key="sources" value="%s"/>
        <property key="start" value="%s"/>
        <property key="steps" value="1: %d/d, 4: free"/>
      </properties>
    </bean>
    """
        .formatted(source, LocalDate.now(ZoneOffset.UTC).minusDays(1), today);
  }

  /** With a source rule, and a warm-up if there are beans for it. */
  private TestGateway gateway(String pool, String warmUp) throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Path copy = dir.resolve(file.getFileName());
        Files.deleteIfExists(copy);
        Files.copy(file, copy);
      }
    }
    String sources = "  <bean name=\"sources\" type=\"dev.caravan.delivery.Sources\"/>";
    String traffic =
        "<property key=\"sources\" value=\"#bean:sources\"/>\n      <property key=\"warm";
    String before = Files.readString(dir.resolve("beans.xml"));
    assertThat(before).containsOnlyOnce(sources).containsOnlyOnce(traffic);
    Files.writeString(
        dir.resolve("beans.xml"),
        before
            .replace(
                sources,
                beans(pool)
                    + warmUp
                    + "<bean name=\"sources\" type=\"dev.caravan.delivery.Sources\"><properties>"
                    + "<property key=\"rules[0]\" value=\"#bean:pool\"/></properties></bean>")
            .replace(
                traffic,
                (warmUp.isEmpty()
                        ? ""
                        : "<property key=\"warmUps[0]\" value=\"#bean:newAddress\"/>\n")
                    + traffic));
    Map<String, String> options = new HashMap<>();
    options.put("caravan.routes-dir", dir.toString());
    options.put("caravan.delivery.mode", "mx");
    options.put("caravan.mx.port", Integer.toString(remote.port()));
    options.put("caravan.mx.refuse-networks", "192.0.2.0/24");
    options.put("caravan.dns.servers", dns.address());
    options.put("caravan.shutdown.timeout", "2s");
    options.put("caravan.retry.schedule", "1s,1h");
    return TestGateway.start(temp.resolve("data"), options);
  }

  private static void send(TestGateway gateway, String from, int mails) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      for (int i = 0; i < mails; i++) {
        assertThat(client.send(from, List.of("b@good.example"), "X-N: 1\r\n\r\nx\r\n"))
            .startsWith("250 ");
      }
    }
  }

  private static void await(String what, Callable<Boolean> wanted) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!wanted.call()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static JsonNode source(JsonNode site, String address) {
    for (JsonNode source : site.path("sources")) {
      if (source.path("source").asText().equals(address)) {
        return source;
      }
    }
    throw new AssertionError(address + " is not in " + site);
  }

  /** What is beyond its day leaves from the other address; without one it waits, also anew. */
  @Test
  void aNewAddressSendsWhatItsDayAllows() throws Exception {
    try (TestGateway gateway = gateway(POOL.formatted(ONE + ", " + TWO), warmUp(TWO, 20));
        Admin admin = new Admin(gateway.httpPort())) {
      send(gateway, "a@sender.example", 100);
      await("all are delivered", () -> remote.delivered().size() == 100);
      assertThat(remote.deliveredFrom()).isEqualTo(Map.of(ONE, 80, TWO, 20));
      JsonNode site = admin.get("/api/sites/" + SITE).last();
      assertThat(site.path("state").asText()).isEqualTo("open");
      assertThat(source(site, TWO).path("state").asText()).isEqualTo("waiting");
      assertThat(source(site, TWO).path("today").asInt()).isEqualTo(20);
      assertThat(source(site, TWO).path("why").asText())
          .startsWith("day 2 of its warm-up: 20 of 20 mails today; again in ");
    }
    try (TestGateway gateway = gateway(POOL.formatted(TWO), warmUp(TWO, 20));
        Admin admin = new Admin(gateway.httpPort())) {
      send(gateway, "a@sender.example", 10);
      await("they wait", () -> gateway.count(LANE) == 10);
      assertThat(remote.deliveredFrom()).isEqualTo(Map.of(ONE, 80, TWO, 20));
      JsonNode site = admin.get("/api/sites/" + SITE).last();
      assertThat(site.path("why").asText())
          .startsWith("throttled by " + TWO + ", day 2 of its warm-up: 20 of 20 mails today; next");
      assertThat(site.path("lastTrouble").asText()).isEmpty();
      for (JsonNode mail : admin.mails("")) {
        assertThat(mail.path("attempts").asInt()).isZero();
        assertThat(mail.path("why").asText()).contains("day 2 of its warm-up");
      }
    }
  }

  /** A reply that a shipped rule knows: the mail leaves from the other address, and all others. */
  @Test
  void anAddressThatIsBlockedIsLeftOut() throws Exception {
    remote.answers(ONE, "DATA", "503 5.5.1 No recipients");
    remote.answers(ONE, "RCPT", "550 5.7.1 part of their network is on our block list (S3140).");
    try (TestGateway gateway = gateway(POOL.formatted(ONE + " one.example, " + TWO), "");
        Admin admin = new Admin(gateway.httpPort())) {
      send(gateway, "a@sender.example", 60);
      await("all are delivered", () -> remote.delivered().size() == 60);
      assertThat(remote.deliveredFrom()).isEqualTo(Map.of(TWO, 60));
      JsonNode site = admin.get("/api/sites/" + SITE).last();
      assertThat(site.path("state").asText()).isEqualTo("open");
      assertThat(source(site, ONE).path("state").asText()).isEqualTo("left-out");
      assertThat(source(site, ONE).path("why").asText()).contains("(S3140)");
      assertThat(admin.get("/metrics").body())
          .contains(
              "caravan_source_left_out{site=\"" + SITE + "\",source=\"" + ONE + "\"} 1\n",
              "caravan_source_left_out{site=\"" + SITE + "\",source=\"" + TWO + "\"} 0\n");

      remote.answers(ONE, "DATA", "");
      remote.answers(ONE, "RCPT", "");
      assertThat(admin.post("/api/sites/" + SITE + "/resume", "{}").status()).isEqualTo(200);
      send(gateway, "a@sender.example", 20);
      await("from both", () -> remote.deliveredFrom().getOrDefault(ONE, 0) > 0);
    }
  }

  /** It is refused for itself: the others go on, and the site is not down. */
  @Test
  void anAddressThatIsRefusedIsDownByItself() throws Exception {
    remote.answers(ONE, "MAIL", "421 4.7.0 Not from there");
    try (TestGateway gateway = gateway(POOL.formatted(ONE + ", " + TWO), "");
        Admin admin = new Admin(gateway.httpPort())) {
      send(gateway, "a@sender.example", 60);
      await(
          "it is down",
          () ->
              source(admin.get("/api/sites/" + SITE).last(), ONE)
                  .path("state")
                  .asText()
                  .equals("down"));
      send(gateway, "a@sender.example", 60);
      await("the others are delivered", () -> remote.delivered().size() >= 110);
      assertThat(remote.deliveredFrom()).containsOnlyKeys(TWO);
      assertThat(admin.get("/api/sites/" + SITE).last().path("state").asText())
          .isNotEqualTo("down");
    }
  }

  /** Mail of one kind waits for its address in a lane of its own, in nobody's way. */
  @Test
  void mailThatLeavesFromElsewherePasses() throws Exception {
    String news =
        POOL.formatted(TWO)
            + "<property key=\"name\" value=\"news\"/>"
            + "<property key=\"header\" value=\"X-N: 1\"/>"
            + "<property key=\"senderDomains\" value=\"news.example\"/>";
    try (TestGateway gateway = gateway(news, warmUp(TWO, 3));
        Admin admin = new Admin(gateway.httpPort())) {
      send(gateway, "a@news.example", 10);
      await("the others wait", () -> gateway.count(LANE + ".from-news") == 7);
      send(gateway, "a@sender.example", 20);
      await("all others are delivered", () -> remote.delivered().size() == 23);
      assertThat(remote.deliveredFrom()).isEqualTo(Map.of("127.0.0.1", 20, TWO, 3));
      assertThat(admin.get("/metrics").body())
          .contains("caravan_site_waiting{site=\"" + SITE + "\"} 7\n");
    }
  }
}
