package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.queue.HoldSteps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator's commands where the mail waits in somebody else's broker. */
final class OperatorExternalBrokerTest {
  private static final String MESSAGE = "X-Campaign: spring\r\n\r\nhello\r\n";

  @TempDir Path data = Path.of("");

  private Map<String, String> options(Remote remote, String broker) throws Exception {
    Admin.token(data.resolve("node"));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.schedule", "1h");
    options.put("caravan.retry.greylist", "0s");
    options.put("caravan.broker.url", "tcp://" + broker);
    return options;
  }

  private static void send(TestGateway gateway, String... recipients) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      for (String to : recipients) {
        assertThat(client.send("a@sender.example", List.of(to), MESSAGE)).startsWith("250");
      }
    }
  }

  /** A broker as it comes moves messages for us. */
  @Test
  void aBrokerThatMayBeManagedMovesWhatIsMeant() throws Exception {
    ConfigurationImpl stock = new ConfigurationImpl();
    stock.setPersistenceEnabled(false).setSecurityEnabled(false).setJMXManagementEnabled(false);
    stock.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:0");
    EmbeddedActiveMQ broker = new EmbeddedActiveMQ().setConfiguration(stock).start();
    int port =
        ((NettyAcceptor) broker.getActiveMQServer().getRemotingService().getAcceptor("tcp"))
            .getActualPort();
    try (Remote remote = new Remote()) {
      remote.answers(address -> "450 4.2.0 Not now");
      try (TestGateway gateway =
              TestGateway.start(data.resolve("node"), options(remote, "127.0.0.1:" + port));
          Admin admin = new Admin(gateway.httpPort())) {
        send(gateway, "b@dest.example", "c@dest.example", "d@dest.example");
        // One of them is in the hands of the rung's worker, which nobody sees from outside.
        admin.await(q -> q.getOrDefault("mail.retry.1h", 0) == 2);
        assertThat(admin.act("hold", "{'to':'@dest.example'}")).isEqualTo(3);
        assertThat(admin.counts()).isEqualTo(Map.of("mail.held", 3));
        assertThat(admin.act("delete", "{'header':'X-Campaign: s*','to':'d*@dest.example'}"))
            .isEqualTo(1);
        remote.answers(address -> "250 2.1.5 Ok");
        assertThat(admin.act("release", "{'all':true}")).isEqualTo(2);
        assertThat(remote.take().text()).endsWith(MESSAGE);
        assertThat(remote.take().text()).endsWith(MESSAGE);
        assertThat(admin.get("/api/queues").body()).doesNotContain("mail.order.");
      }
    } finally {
      broker.stop();
    }
  }

  /** As an application that may not manage it: told so, and done by selectors. */
  @Test
  void aBrokerThatMayNotBeManagedIsAskedBySelectors() throws Exception {
    Path host = Files.createDirectories(data.resolve("broker-host"));
    List<String> queues =
        Stream.concat(
                Stream.of("1m", "5m", "15m", "1h").map(step -> "mail.retry." + step),
                HoldSteps.all().stream().map(HoldSteps.Step::queue))
            .toList();
    try (Remote remote = new Remote();
        EmbeddedBroker broker =
            EmbeddedBroker.start(
                new EmbeddedBroker.Options(host, "127.0.0.1", 0, 100, 64 << 20, 32 << 20))) {
      broker.declare(queues);
      remote.answers(address -> "450 4.2.0 Not now");
      Map<String, String> options = options(remote, broker.listener().orElseThrow());
      List<String> credentials =
          Files.readAllLines(host.resolve("broker.credentials")).stream()
              .map(line -> line.substring(line.indexOf('=') + 1))
              .toList();
      options.put("caravan.broker.user", credentials.get(0));
      options.put("caravan.broker.password", credentials.get(1));
      try (TestGateway gateway = TestGateway.start(data.resolve("node"), options);
          Admin admin = new Admin(gateway.httpPort())) {
        send(gateway, "b@dest.example", "c@dest.example");
        admin.await(q -> q.getOrDefault("mail.retry.1h", 0) == 1);
        JsonNode held = admin.post("/api/mails/hold", "{'to':'@dest.example'}").last();
        assertThat(held.path("mails").asInt()).isEqualTo(2);
        assertThat(held.path("hint").asText()).contains("the permission 'manage'");
        assertThat(admin.counts()).isEqualTo(Map.of("mail.held", 2));
        assertThat(admin.post("/api/mails/release", "{'header':'X-Campaign: s*'}").last())
            .hasToString(
                "{\"error\":\"the broker lets us choose by whole properties only, not by header or"
                    + " within addresses; give caravan.broker.user the permission 'manage' on"
                    + " activemq.management\"}");
        remote.answers(address -> "250 2.1.5 Ok");
        assertThat(admin.act("release", "{'to':'c@dest.example'}")).isEqualTo(1);
        assertThat(remote.take().to()).containsExactly("c@dest.example");
      }
    }
  }
}
