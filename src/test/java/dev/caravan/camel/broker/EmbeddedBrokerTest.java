package dev.caravan.camel.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.queue.QueueNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker inside the gateway: what it keeps, what it refuses, and whom. */
final class EmbeddedBrokerTest {
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long MEMORY = 64 * 1024 * 1024;

  @TempDir Path data = Path.of("");

  private EmbeddedBroker start(int port) throws Exception {
    EmbeddedBroker broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(data, "127.0.0.1", port, 100, MEMORY, MEMORY / 2));
    broker.declare(List.of("mail.retry.1m"));
    return broker;
  }

  private static void send(ClientSession session, String address) throws ActiveMQException {
    try (ClientProducer producer = session.createProducer(address)) {
      ClientMessage message = session.createMessage(true);
      producer.send(message);
    }
  }

  /** In a transaction of its own. */
  private static void send(Broker broker, String address) throws ActiveMQException {
    try (ClientSessionFactory connection = broker.connect();
        ClientSession session = broker.session(connection, true)) {
      send(session, address);
      session.commit();
    }
  }

  private static long depth(Broker broker, String queue) {
    return broker.depths().stream()
        .filter(d -> d.queue().equals(queue))
        .mapToLong(QueueDepth::count)
        .findFirst()
        .orElse(-1);
  }

  @Test
  void eachConnectionGoesByOurConnectorWhileOthersAreThere() throws Exception {
    try (EmbeddedBroker broker = start(-1);
        ClientSessionFactory first = broker.connect();
        ClientSessionFactory second = broker.connect();
        ClientSessionFactory third = broker.connect()) {
      assertThat(List.of(first, second, third))
          .extracting(each -> each.getConnectorConfiguration().getFactoryClassName())
          .containsOnly(InProcessConnectorFactory.class.getName());
    }
  }

  @Test
  void aFileThatNobodyNamesIsDropped() throws Exception {
    EmbeddedBroker.Staging briefly =
        new EmbeddedBroker.Staging(1_000_000, 10, Duration.ofMillis(1));
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(
                data,
                "127.0.0.1",
                -1,
                100,
                MEMORY,
                MEMORY / 2,
                10,
                MEMORY,
                -1,
                10,
                10,
                10,
                briefly))) {
      broker.declare(List.of("mail.stage.shop"));
      send(broker, "mail.stage.shop");
      send(broker, QueueNames.OUT);
      long deadline = System.nanoTime() + Duration.ofMillis(PATIENCE_MILLIS).toNanos();
      while (depth(broker, "mail.stage.shop") > 0) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        broker.expire(QueueNames.STAGE_PREFIX);
        Thread.onSpinWait();
      }
      assertThat(depth(broker, QueueNames.OUT)).isOne();
      assertThat(depth(broker, QueueNames.DEAD)).isZero();
    }
  }

  @Test
  void everyQueueExistsAndIsCounted() throws Exception {
    try (EmbeddedBroker broker = start(-1)) {
      assertThat(broker.depths()).extracting(QueueDepth::queue).containsAll(QueueNames.all());
      assertThat(broker.depths()).extracting(QueueDepth::queue).contains("mail.retry.1m");
      assertThat(broker.depths()).allMatch(d -> d.count() == 0);
      assertThat(broker.fullBecause()).isEmpty();
      assertThat(broker.listener()).isEmpty();
      send(broker, QueueNames.OUT);
      send(broker, QueueNames.OUT);
      assertThat(depth(broker, QueueNames.OUT)).isEqualTo(2);
      assertThat(depth(broker, QueueNames.HELD)).isZero();
    }
  }

  /** A broker acknowledges what it routes nowhere, and the mail is gone. Not ours. */
  @Test
  void aSendThatReachesNoQueueFails() throws Exception {
    try (EmbeddedBroker broker = start(-1);
        ClientSessionFactory connection = broker.connect();
        ClientSession session = broker.session(connection, false)) {
      assertThatThrownBy(() -> send(broker, "mail.nowhere")).isInstanceOf(ActiveMQException.class);
      session.deleteQueue(QueueNames.HELD);
      assertThatThrownBy(() -> send(broker, QueueNames.HELD)).isInstanceOf(ActiveMQException.class);
      assertThatCode(() -> send(broker, QueueNames.EVENTS)).doesNotThrowAnyException();
      assertThat(depth(broker, QueueNames.HELD)).isEqualTo(-1);
    }
  }

  /** Else a deferred mail would leave mail.out and arrive nowhere. */
  @Test
  void aSendThatReachesNoQueueUndoesItsWholeTransaction() throws Exception {
    try (EmbeddedBroker broker = start(-1);
        ClientSessionFactory connection = broker.connect();
        ClientSession plain = broker.session(connection, false)) {
      send(broker, QueueNames.OUT);
      plain.deleteQueue("mail.retry.1m");
      try (ClientSession session = broker.session(connection, true)) {
        session.start();
        ClientConsumer consumer = session.createConsumer(QueueNames.OUT);
        consumer.receive(PATIENCE_MILLIS).acknowledge();
        send(session, QueueNames.HELD);
        assertThatThrownBy(
                () -> {
                  send(session, "mail.retry.1m");
                  session.commit();
                })
            .isInstanceOf(ActiveMQException.class);
      }
      assertThat(depth(broker, QueueNames.HELD)).isZero();
      assertThat(depth(broker, QueueNames.OUT)).isEqualTo(1);
    }
  }

  @Test
  void onlyWhoKnowsThePasswordGetsIn() throws Exception {
    try (EmbeddedBroker broker = start(0)) {
      Path file = data.resolve("broker.credentials");
      assertThat(Files.getPosixFilePermissions(file))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      Properties known = new Properties();
      try (var in = Files.newBufferedReader(file)) {
        known.load(in);
      }
      String url = "tcp://" + broker.listener().orElseThrow();
      String user = known.getProperty("user", "");
      String password = known.getProperty("password", "");
      assertThat(canSend(url, user, password)).isTrue();
      assertThat(canSend(url, user, "wrong")).isFalse();
      assertThat(canSend(url, user, "")).isFalse();
      assertThat(canSend(url, "", "")).isFalse();
      assertThat(canSend(url, "caravan.gateway", password)).isFalse();
      assertThat(canSend(url, null, null)).isFalse();
      assertThat(depth(broker, QueueNames.SUBMIT)).isEqualTo(1);
    }
  }

  private static boolean canSend(String url, @Nullable String user, @Nullable String password)
      throws Exception {
    try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url, user, password);
        var context = factory.createContext()) {
      context.createProducer().send(context.createQueue(QueueNames.SUBMIT), "hello");
      return true;
    } catch (jakarta.jms.JMSRuntimeException refused) {
      return false;
    }
  }

  @Test
  void anApplicationMayNotTouchTheQueuesThemselves() throws Exception {
    try (EmbeddedBroker broker = start(0)) {
      Properties known = new Properties();
      try (var in = Files.newBufferedReader(data.resolve("broker.credentials"))) {
        known.load(in);
      }
      try (ActiveMQConnectionFactory factory =
              new ActiveMQConnectionFactory("tcp://" + broker.listener().orElseThrow());
          ClientSessionFactory connection = factory.getServerLocator().createSessionFactory();
          ClientSession session =
              connection.createSession(
                  known.getProperty("user", ""),
                  known.getProperty("password", ""),
                  false,
                  true,
                  true,
                  false,
                  0)) {
        assertThatThrownBy(() -> session.deleteQueue(QueueNames.OUT))
            .isInstanceOf(ActiveMQException.class);
        assertThatThrownBy(
                () ->
                    session.createQueue(
                        QueueConfiguration.of(SimpleString.of("mail.mine"))
                            .setRoutingType(RoutingType.ANYCAST)
                            .setDurable(true)))
            .isInstanceOf(ActiveMQException.class);
      }
      assertThat(depth(broker, QueueNames.OUT)).isZero();
    }
  }

  @Test
  void whatWasKeptIsThereAfterARestart() throws Exception {
    try (EmbeddedBroker broker = start(-1)) {
      send(broker, QueueNames.OUT);
    }
    try (EmbeddedBroker broker = start(-1)) {
      assertThat(depth(broker, QueueNames.OUT)).isEqualTo(1);
    }
  }
}
