package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeDnsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of sites and senders, seen by the server. */
final class SiteLimitsFlowTest {
  @TempDir Path temp;

  private FakeDnsServer dns;
  private CountingRemote remote;

  @BeforeEach
  void start() {
    remote = new CountingRemote("127.0.0.1", 0);
    dns =
        FakeDnsServer.start()
            .mx("good.example", 10, "mx.good.example")
            .a("mx.good.example", "127.0.0.1");
  }

  @AfterEach
  void stop() {
    dns.close();
    remote.close();
  }

  /** With this at the traffic bean, and these beans. */
  private TestGateway gateway(String properties, String beans, Map<String, String> more)
      throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
    String smarthosts = "<property key=\"smarthosts\" value=\"#bean:smarthosts\"/>\n    </prop";
    String before = Files.readString(dir.resolve("beans.xml"));
    assertThat(before).containsOnlyOnce(smarthosts);
    Files.writeString(
        dir.resolve("beans.xml"),
        before
            .replace(smarthosts, properties + smarthosts)
            .replace("</camel>", beans + "</camel>"));
    Map<String, String> options = new HashMap<>();
    options.put("caravan.routes-dir", dir.toString());
    options.put("caravan.delivery.mode", "mx");
    options.put("caravan.mx.port", Integer.toString(remote.port()));
    options.put("caravan.mx.refuse-networks", "192.0.2.0/24");
    options.put("caravan.dns.servers", dns.address());
    options.put("caravan.shutdown.timeout", "2s");
    options.put("caravan.site.lane-idle", "1s");
    options.putAll(more);
    return TestGateway.start(temp.resolve("data"), options);
  }

  private static void send(TestGateway gateway, int mails, int recipients, String header)
      throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      for (int i = 0; i < mails; i++) {
        List<String> to =
            Stream.iterate(0, n -> n + 1).limit(recipients).map(n -> n + "@good.example").toList();
        assertThat(client.send("a@sender.example", to, header + "\r\nx\r\n")).startsWith("250 ");
      }
    }
  }

  private static void await(String what, Callable<Boolean> wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!wanted.call()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      Thread.sleep(20);
    }
  }

  /** What is beyond its limit waits in a lane of its own; other mail to the same site passes. */
  @Test
  void aCampaignBeyondItsLimitIsInNobodysWay() throws Exception {
    String rule =
        """
        <bean name="campaigns" type="dev.caravan.traffic.SenderRule">
          <properties><property key="by" value="campaign"/><property key="rate" value="1/h"/></properties>
        </bean>
        """;
    try (TestGateway gateway =
        gateway("<property key=\"senderRules[0]\" value=\"#bean:campaigns\"/>", rule, Map.of())) {
      send(gateway, 5, 1, "X-Campaign: Spring\r\n");
      send(gateway, 5, 1, "X-Campaign: summer\r\n");
      send(gateway, 10, 1, "X-Other: summer\r\n");
      await("12 are delivered", () -> remote.delivered().size() >= 12);
      await("the others wait", () -> gateway.count("mail.out.campaign-spring") == 4);
      await("the others wait", () -> gateway.count("mail.out.campaign-summer") == 4);
      await("nobody else does", () -> gateway.count("mail.out") == 0);
      assertThat(remote.delivered()).hasSize(12);
    }
  }

  /** By the server's clock: whatever the machine does, they can only be further apart. */
  @Test
  void aRateAndALimitOfConnectionsHold() throws Exception {
    String rule =
        """
        <bean name="slowly" type="dev.caravan.traffic.SiteRule">
          <properties>
            <property key="sites" value="mx.good.example"/>
            <property key="rate" value="25/s"/>
            <property key="concurrency" value="2"/>
            <property key="messagesPerConnection" value="4"/>
            <property key="recipientsPerTransaction" value="3"/>
          </properties>
        </bean>
        """;
    int mails = 50;
    try (TestGateway gateway =
        gateway("<property key=\"rules[0]\" value=\"#bean:slowly\"/>", rule, Map.of())) {
      send(gateway, mails, 1, "X-N: 1\r\n");
      await("all are delivered", () -> remote.delivered().size() >= mails);
      List<Long> times = remote.delivered().stream().sorted().toList();
      double seconds = (times.getLast() - times.getFirst()) / 1e9;
      // The first may have taken long to arrive, and who is late makes up for 50 ms.
      assertThat(seconds).isGreaterThan((mails - 1) / 25.0 * 0.95 - 0.5);
      assertThat(remote.mostOpen()).isLessThanOrEqualTo(2);
      assertThat(remote.connected()).hasSizeGreaterThanOrEqualTo(mails / 4);
      send(gateway, 1, 7, "X-N: 2\r\n");
      await("in three transactions", () -> remote.delivered().size() >= mails + 3);
      assertThat(remote.delivered()).hasSize(mails + 3);
    }
  }

  /** A reply that a shipped rule knows: the site is left alone, and one attempt was enough. */
  @Test
  void aSiteThatAsksToBeLeftAloneIs() throws Exception {
    remote.refuses("421 RP-001 Unfortunately, some messages weren't sent.");
    try (TestGateway gateway = gateway("", "", Map.of("caravan.retry.schedule", "1s"))) {
      send(gateway, 30, 1, "X-N: 1\r\n");
      await("all wait", () -> gateway.count("mail.out.mx.good.example") == 30);
      assertThat(remote.connected()).hasSizeLessThanOrEqualTo(5);
    }
  }
}
