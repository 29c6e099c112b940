package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.EmbeddedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways without a broker of their own: the mail waits in one that they reach over TCP. */
final class ExternalBrokerFlowTest {
  private static final String MESSAGE = "Subject: test\r\n\r\nOne line.\r\n";

  @TempDir Path data;

  @Test
  void anotherGatewayDeliversWhatTheFirstTookIn() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    try (Remote remote = new Remote();
        EmbeddedBroker broker = broker()) {
      Map<String, String> options = options(remote, broker);
      remote.answers(
          address -> {
            tries.incrementAndGet();
            return "450 4.2.0 Not now";
          });
      try (TestGateway first = TestGateway.start(data.resolve("first"), options);
          Client client = new Client(first.smtpPort())) {
        assertThat(
                client.send(
                    "a@sender.example", List.of("b@dest.example", "c@dest.example"), MESSAGE))
            .startsWith("250");
        while (tries.get() == 0) {
          Thread.onSpinWait();
        }
      }
      assertThat(data.resolve("first/broker")).doesNotExist();

      remote.answers(address -> "250 2.1.5 Ok");
      try (TestGateway second = TestGateway.start(data.resolve("second"), options)) {
        assertThat(remote.take().to()).containsExactly("b@dest.example", "c@dest.example");
      }
    }
  }

  @Test
  void aLargeMessagePasses() throws Exception {
    String big = MESSAGE + "0123456789012345678901234567890123456789\r\n".repeat(50_000);
    try (Remote remote = new Remote();
        EmbeddedBroker broker = broker();
        TestGateway gateway = TestGateway.start(data.resolve("one"), options(remote, broker));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), big)).startsWith("250");
      assertThat(remote.take().text()).endsWith(big);
    }
  }

  private EmbeddedBroker broker() throws Exception {
    Path dir = Files.createDirectories(data.resolve("broker-host"));
    return EmbeddedBroker.start(
        new EmbeddedBroker.Options(dir, "127.0.0.1", 0, 100, 64 << 20, 32 << 20),
        List.of("mail.retry.1s"));
  }

  private Map<String, String> options(Remote remote, EmbeddedBroker broker) throws Exception {
    List<String> credentials = Files.readAllLines(data.resolve("broker-host/broker.credentials"));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.broker.url", "tcp://" + broker.listener().orElseThrow());
    options.put("caravan.broker.user", value(credentials.get(0)));
    options.put("caravan.broker.password", value(credentials.get(1)));
    return options;
  }

  private static String value(String line) {
    return line.substring(line.indexOf('=') + 1);
  }
}
