package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.dns.FakeDnsServer;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes: mail of a site that can't take it all waits on a queue of its own, in nobody's way. */
final class LaneFlowTest {
  private static final String LANE = "mail.out.mx.slow.example";
  private static final int MANY = 30;
  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path data;

  private final CountDownLatch slowness = new CountDownLatch(1);
  private FakeDnsServer dns;
  private Remote good;
  private Remote slow;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(data.resolve("admin.token"), TOKEN);
    good = new Remote();
    slow = new Remote("127.0.1.1", good.port());
    slow.answers(
        address -> {
          try {
            return slowness.await(60, TimeUnit.SECONDS) ? "250 2.1.5 Ok" : "451 4.3.0 Too late";
          } catch (InterruptedException e) {
            return "421 4.3.2 Stopping";
          }
        });
    dns =
        FakeDnsServer.start()
            .mx("good.example", 10, "mx.good.example")
            .a("mx.good.example", "127.0.0.1")
            .mx("slow.example", 10, "mx.slow.example")
            .a("mx.slow.example", "127.0.1.1");
  }

  @AfterEach
  void stop() {
    slowness.countDown();
    dns.close();
    good.close();
    slow.close();
  }

  private TestGateway gateway(Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.put("caravan.delivery.mode", "mx");
    options.put("caravan.mx.port", Integer.toString(good.port()));
    options.put("caravan.mx.refuse-networks", "192.0.2.0/24");
    options.put("caravan.dns.servers", dns.address());
    options.put("caravan.broker.commit-timeout", "2s");
    options.put("caravan.shutdown.timeout", "2s");
    options.put("caravan.site.lane-idle", "1s");
    options.put("caravan.retry.schedule", "1s");
    options.putAll(more);
    return TestGateway.start(data, options);
  }

  private static void send(TestGateway gateway, String domain, int mails) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      for (int i = 0; i < mails; i++) {
        String reply =
            client.send("a@sender.example", List.of("b@" + domain), "X-N: " + i + "\r\n\r\nx\r\n");
        assertThat(reply).startsWith("250 ");
      }
    }
  }

  private static void arrive(Remote remote, int mails) throws Exception {
    for (int i = 0; i < mails; i++) {
      remote.take();
    }
    assertThat(remote.received()).isEmpty();
  }

  /** Until the counts of the queues, by name, are so. */
  private Map<String, Integer> await(TestGateway gateway, Predicate<Map<String, Integer>> wanted)
      throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Map<String, Integer> counts = counts(gateway);
    while (!wanted.test(counts)) {
      assertThat(System.nanoTime()).as("%s", counts).isLessThan(deadline);
      counts = counts(gateway);
    }
    return counts;
  }

  private Map<String, Integer> counts(TestGateway gateway) throws Exception {
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

  /** More mail than there are workers hangs; the others' mail goes its way. */
  @Test
  void aSlowSiteKeepsNobodyElseWaiting() throws Exception {
    try (TestGateway gateway = gateway(Map.of("caravan.delivery.workers", "6"))) {
      send(gateway, "slow.example", MANY);
      send(gateway, "good.example", MANY);
      arrive(good, MANY);
      assertThat(slow.received()).isEmpty();
      // Those that hang are in work still, four of them from the queue that all share.
      await(gateway, q -> q.getOrDefault(LANE, 0) + q.getOrDefault("mail.out", 0) == MANY);
      assertThat(counts(gateway).getOrDefault("mail.out", 0)).isLessThanOrEqualTo(4);

      slowness.countDown();
      arrive(slow, MANY);
      await(gateway, q -> !q.containsKey(LANE));
      send(gateway, "slow.example", 1);
      arrive(slow, 1);
    }
  }

  @Test
  void whatIsInALaneOutlivesTheProcess() throws Exception {
    try (TestGateway gateway = gateway(Map.of())) {
      send(gateway, "slow.example", MANY);
      await(gateway, q -> q.getOrDefault(LANE, 0) > 0);
    }
    slowness.countDown();
    try (TestGateway gateway = gateway(Map.of())) {
      arrive(slow, MANY);
      await(gateway, q -> !q.containsKey(LANE));
    }
  }

  /** A broker of somebody else's tells which lanes there are to those who may manage it. */
  @Test
  void whatIsInALaneOfAnotherBrokerOutlivesTheProcess() throws Exception {
    ConfigurationImpl stock = new ConfigurationImpl();
    stock.setPersistenceEnabled(false).setSecurityEnabled(false).setJMXManagementEnabled(false);
    stock.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:0");
    EmbeddedActiveMQ broker = new EmbeddedActiveMQ().setConfiguration(stock).start();
    try {
      NettyAcceptor acceptor =
          (NettyAcceptor) broker.getActiveMQServer().getRemotingService().getAcceptor("tcp");
      Map<String, String> external =
          Map.of("caravan.broker.url", "tcp://127.0.0.1:" + acceptor.getActualPort());
      try (TestGateway gateway = gateway(external)) {
        send(gateway, "slow.example", MANY);
        await(gateway, q -> q.getOrDefault(LANE, 0) > 0);
      }
      slowness.countDown();
      try (TestGateway gateway = gateway(external)) {
        arrive(slow, MANY);
        await(gateway, q -> !q.containsKey(LANE));
      }
    } finally {
      broker.stop();
    }
  }

  /** One lane is all there may be: mail for another busy site waits on the ladder, and arrives. */
  @Test
  void moreSitesThanLanesAreServedToo() throws Exception {
    try (Remote third = new Remote("127.0.1.2", good.port());
        TestGateway gateway = gateway(Map.of("caravan.site.lanes-max", "1"))) {
      third.answers(
          address -> {
            try {
              return slowness.await(60, TimeUnit.SECONDS) ? "250 2.1.5 Ok" : "451 4.3.0 Late";
            } catch (InterruptedException e) {
              return "421 4.3.2 Stopping";
            }
          });
      dns.mx("third.example", 10, "mx.third.example").a("mx.third.example", "127.0.1.2");
      send(gateway, "slow.example", MANY);
      await(gateway, q -> q.getOrDefault(LANE, 0) > 0);
      send(gateway, "third.example", MANY);
      await(gateway, q -> q.getOrDefault("mail.retry.1s", 0) > 0);
      slowness.countDown();
      arrive(slow, MANY);
      arrive(third, MANY);
    }
  }
}
