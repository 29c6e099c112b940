package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code caravan rejected} beside a gateway that runs. */
final class RejectedCommandsTest {
  @TempDir Path data = Path.of("");

  private CommandRun run(String... args) {
    return CommandRun.of(data, args);
  }

  private CommandRun awaitList(int lines) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    CommandRun result = run("rejected", "list");
    while (result.out().lines().count() != lines) {
      assertThat(System.nanoTime()).as("%s", result).isLessThan(deadline);
      result = run("rejected", "list");
    }
    return result;
  }

  @Test
  void listShowReplayAndDelete() throws Exception {
    try (Remote remote = new Remote()) {
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.http.port", "0");
      options.put("caravan.broker.port", "0");
      try (GatewayProcess gateway = GatewayProcess.start(data, options)) {
        assertThat(run("rejected", "list").status()).isEqualTo(1);
        submit(gateway.port("broker"));
        CommandRun list = awaitList(3);
        assertThat(list.status()).isZero();
        assertThat(list.out()).contains("APPLICATION").contains("554 5.1.3");
        String id = list.out().lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];

        CommandRun shown = run("rejected", "show", id);
        assertThat(shown.status()).isZero();
        assertThat(shown.out())
            .contains("reason: to has no proper address: nobody")
            .contains("hello")
            .contains("x-name? = 1")
            .doesNotContain("\u001b");
        assertThat(run("rejected", "show", "none").status()).isNotZero();
        assertThat(run("rejected", "replay").status()).isEqualTo(2);

        // It is still no mail.
        assertThat(run("rejected", "replay", id).out()).contains("1 submitted again");
        awaitList(3);
        assertThat(run("rejected", "delete", id).status()).isEqualTo(1);
        assertThat(run("rejected", "delete", "--all").out()).contains("2 deleted");
        assertThat(run("rejected", "list").err()).contains("nothing was rejected");
      }
    }
  }

  private void submit(int port) throws Exception {
    List<String> own =
        Files.readAllLines(data.resolve("broker.credentials")).stream()
            .map(line -> line.substring(line.indexOf('=') + 1))
            .toList();
    try (Connection connection =
            new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port, own.get(0), own.get(1))
                .createConnection();
        Session session = connection.createSession()) {
      for (int i = 0; i < 2; i++) {
        TextMessage text = session.createTextMessage("hello");
        text.setStringProperty("from", "a@sender.example");
        text.setStringProperty("to", "nobody");
        named(text);
        session.createProducer(session.createQueue("mail.submit")).send(text);
      }
    }
  }

  /** A name that JMS has not, and that would move a terminal's cursor. */
  private static void named(Message message) {
    ((ActiveMQMessage) message).getCoreMessage().putStringProperty("x-name\u001b", "1");
  }
}
