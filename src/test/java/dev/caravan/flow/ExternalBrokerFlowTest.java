package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.camel.broker.ExternalBroker;
import dev.caravan.queue.HoldSteps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
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

  /** While it is gone nothing is taken; when it is back mail is taken again, without our doing. */
  @Test
  void aBrokerThatIsGoneMeansComeAgainAndItsReturnIsNoticed() throws Exception {
    try (Remote remote = new Remote();
        EmbeddedBroker broker = broker();
        Cable cable = new Cable(port(broker))) {
      Map<String, String> options = options(remote, broker);
      options.put("caravan.retry.greylist", "0s");
      options.put("caravan.broker.url", "tcp://127.0.0.1:" + cable.port());
      options.put("caravan.smtp.idle-commands-max", "1000000");
      options.put("caravan.smtp.errors-max", "10000");
      try (TestGateway gateway = TestGateway.start(data.resolve("one"), options);
          Client client = new Client(gateway.smtpPort())) {
        List<String> to = List.of("b@dest.example");
        assertThat(client.send("a@sender.example", to, MESSAGE)).startsWith("250 ");
        assertThat(remote.take().text()).endsWith(MESSAGE);

        cable.cut();
        awaitReplyToMail(client, "452 4.3.1");
        cable.mend();
        awaitReplyToMail(client, "250 ");

        assertThat(client.send("a@sender.example", to, MESSAGE)).startsWith("250 ");
        assertThat(remote.take().text()).endsWith(MESSAGE);
      }
    }
  }

  @Test
  void aStartWaitsForItsBroker() throws Exception {
    try (Remote remote = new Remote();
        EmbeddedBroker broker = broker();
        Cable cable = new Cable(port(broker));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, String> options = options(remote, broker);
      options.put("caravan.broker.url", "tcp://127.0.0.1:" + cable.port());
      cable.cut();
      Future<TestGateway> starting =
          threads.submit(() -> TestGateway.start(data.resolve("one"), options));
      while (cable.refused() < 3) {
        assertThat(starting.isDone()).isFalse();
        Thread.onSpinWait();
      }
      cable.mend();
      try (TestGateway gateway = starting.get();
          Client client = new Client(gateway.smtpPort())) {
        assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250 ");
        assertThat(remote.take().text()).endsWith(MESSAGE);
      }
    }
  }

  @Test
  void aStartDoesNotWaitForEver() throws Exception {
    try (Remote remote = new Remote();
        EmbeddedBroker broker = broker();
        Cable cable = new Cable(port(broker))) {
      Map<String, String> options = options(remote, broker);
      options.put("caravan.broker.url", "tcp://127.0.0.1:" + cable.port());
      options.put("caravan.broker.connect-timeout", "0s");
      cable.cut();
      assertThatExceptionOfType(ActiveMQException.class)
          .isThrownBy(() -> TestGateway.start(data.resolve("one"), options));
    }
  }

  /** When several nodes start together, each finds some queues made since it asked. */
  @Test
  void nodesMakeTheSameQueuesAtTheSameTime() throws Exception {
    List<String> names = IntStream.range(0, 300).mapToObj(i -> "mail.reply.n" + i).toList();
    try (Remote remote = new Remote();
        EmbeddedBroker broker = broker();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, String> options = options(remote, broker);
      CyclicBarrier together = new CyclicBarrier(3);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        all.add(
            threads.submit(
                () -> {
                  try (ExternalBroker node =
                      ExternalBroker.connect(
                          String.valueOf(options.get("caravan.broker.url")),
                          String.valueOf(options.get("caravan.broker.user")),
                          String.valueOf(options.get("caravan.broker.password")),
                          Duration.ZERO)) {
                    together.await();
                    node.declare(names);
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
      assertThat(broker.queues("mail.reply.n")).containsExactlyInAnyOrderElementsOf(names);
    }
  }

  private static void awaitReplyToMail(Client client, String reply) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    String heard = "";
    while (!heard.startsWith(reply)) {
      assertThat(System.nanoTime() - deadline).as("MAIL is still answered " + heard).isNegative();
      heard = client.say("MAIL FROM:<a@sender.example>");
      client.say("RSET");
    }
  }

  private static int port(EmbeddedBroker broker) {
    String listener = broker.listener().orElseThrow();
    return Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
  }

  private EmbeddedBroker broker() throws Exception {
    Path dir = Files.createDirectories(data.resolve("broker-host"));
    EmbeddedBroker broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(dir, "127.0.0.1", 0, 100, 64 << 20, 32 << 20));
    broker.declare(List.of("mail.retry.1s"));
    broker.declare(HoldSteps.all().stream().map(HoldSteps.Step::queue).toList());
    return broker;
  }

  private Map<String, String> options(Remote remote, EmbeddedBroker broker) throws Exception {
    List<String> credentials = Files.readAllLines(data.resolve("broker-host/broker.credentials"));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.greylist", "0s");
    options.put("caravan.broker.url", "tcp://" + broker.listener().orElseThrow());
    options.put("caravan.broker.user", value(credentials.get(0)));
    options.put("caravan.broker.password", value(credentials.get(1)));
    return options;
  }

  private static String value(String line) {
    return line.substring(line.indexOf('=') + 1);
  }
}
