package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.MailEvent;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application hears on its queue what becomes of its mail, as far as it asked for it. */
final class JmsAnswersFlowTest {
  private static final long ANSWER_MILLIS = 60_000;

  @TempDir Path data;

  private final Remote remote = new Remote();

  @AfterEach
  void stop() {
    remote.close();
  }

  private Map<String, String> options() {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.greylist", "0s");
    return options;
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "amqp"})
  void itHearsOfEachEnding(String protocol) throws Exception {
    CountDownLatch deferred = new CountDownLatch(1);
    remote.answers(
        address ->
            switch (address) {
              case "never@dest.example" -> "550 5.1.1 No such user";
              case "later@dest.example" ->
                  deferred.getCount() == 0 ? "250 2.1.5 Ok" : "450 4.2.0 Not now";
              default -> "250 2.1.5 Ok";
            });
    try (TestGateway gateway = TestGateway.start(data, options());
        Connection connection = factory(gateway, protocol).createConnection();
        Session session = connection.createSession()) {
      connection.start();
      TemporaryQueue answers = session.createTemporaryQueue();
      submit(
          session, answers, "all", "now@dest.example,never@dest.example,later@dest.example", "c-1");
      MessageConsumer consumer = session.createConsumer(answers);
      Message accepted = answer(consumer, "accepted", "c-1");
      String id = accepted.getStringProperty("mailId");
      Map<String, Message> endings = new HashMap<>();
      for (int i = 0; i < 3; i++) {
        Message next = answer(consumer, "", "c-1");
        assertThat(next.getStringProperty("mailId")).isEqualTo(id);
        endings.put(next.getStringProperty("status") + " " + next.getStringProperty("to"), next);
      }
      assertThat(endings)
          .containsOnlyKeys(
              "delivered now@dest.example",
              "bounced never@dest.example",
              "deferred later@dest.example");
      Message bounced = Objects.requireNonNull(endings.get("bounced never@dest.example"));
      assertThat(bounced.getStringProperty("reply")).isEqualTo("550 5.1.1 No such user");
      MailEvent event = MailEvent.fromJson(((TextMessage) bounced).getText());
      assertThat(event.type()).isEqualTo(MailEvent.Type.BOUNCED);
      assertThat(event.mailId()).isEqualTo(id);

      deferred.countDown();
      Message last = answer(consumer, "", "c-1");
      while (last.getStringProperty("status").equals("deferred")) {
        last = answer(consumer, "", "c-1");
      }
      assertThat(last.getStringProperty("status")).isEqualTo("delivered");
      assertThat(last.getStringProperty("to")).isEqualTo("later@dest.example");
      assertThat(consumer.receiveNoWait()).isNull();
    }
  }

  @Test
  void itHearsOnlyWhatItAskedFor() throws Exception {
    Map<String, String> options = options();
    options.put("caravan.retry.expiry", "2s");
    remote.answers(address -> address.startsWith("late") ? "450 4.2.0 Not now" : "250 2.1.5 Ok");
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      TemporaryQueue answers = session.createTemporaryQueue();
      MessageConsumer consumer = session.createConsumer(answers);
      submit(session, answers, "expired , bounced", "late@dest.example,now@dest.example", "c");
      answer(consumer, "accepted", "c");
      Message expired = answer(consumer, "expired", "c");
      assertThat(expired.getStringProperty("to")).isEqualTo("late@dest.example");

      submit(session, answers, "", "now@dest.example", "d");
      answer(consumer, "accepted", "d");
      submit(session, answers, "read", "now@dest.example", "e");
      Message rejected = answer(consumer, "rejected", "e");
      assertThat(rejected.getStringProperty("reply"))
          .contains("5.6.0", "notify: 'read' is none of delivered");
      assertThat(gateway.awaitCount("mail.answers", 0)).isZero();
      assertThat(consumer.receiveNoWait()).isNull();
    }
  }

  @Test
  void itHearsAfterARestart() throws Exception {
    CountDownLatch tried = new CountDownLatch(1);
    remote.answers(
        address -> {
          tried.countDown();
          return "450 4.2.0 Not now";
        });
    try (TestGateway gateway = TestGateway.start(data, options());
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      Queue answers = session.createQueue("mail.reply.app");
      submit(session, answers, "delivered", "b@dest.example", "c-1");
      assertThat(tried.await(60, TimeUnit.SECONDS)).isTrue();
    }
    remote.answers(address -> "250 2.1.5 Ok");
    try (TestGateway gateway = TestGateway.start(data, options());
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      MessageConsumer consumer = session.createConsumer(session.createQueue("mail.reply.app"));
      String id = answer(consumer, "accepted", "c-1").getStringProperty("mailId");
      assertThat(answer(consumer, "delivered", "c-1").getStringProperty("mailId")).isEqualTo(id);
    }
  }

  @Test
  void aQueueThatIsGoneIsInNobodysWay() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    remote.answers(
        address -> {
          try {
            return gone.await(60, TimeUnit.SECONDS) ? "250 2.1.5 Ok" : "450 4.2.0 Not now";
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    try (TestGateway gateway = TestGateway.start(data, options())) {
      try (Connection connection = factory(gateway, "core").createConnection();
          Session session = connection.createSession()) {
        connection.start();
        TemporaryQueue answers = session.createTemporaryQueue();
        submit(session, answers, "delivered", "b@dest.example", "c-1");
        answer(session.createConsumer(answers), "accepted", "c-1");
      }
      gone.countDown();
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(gateway.awaitCount("mail.out", 0)).isZero();
      assertThat(gateway.awaitCount("mail.answers", 0)).isZero();
      assertThat(gateway.count("mail.dead")).isZero();
      assertThat(remote.received()).isEmpty();
    }
  }

  @Test
  void aQueueThatIsFullIsInNobodysWay() throws Exception {
    Map<String, String> options = options();
    options.put("caravan.jms.reply-queue-max", "4MB");
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      Queue full = session.createQueue("mail.reply.full");
      fill(session, full);
      submit(session, full, "all", "b@dest.example", "c-1");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(gateway.awaitCount("mail.answers", 0)).isZero();
      assertThat(gateway.awaitCount("mail.submit", 0)).isZero();

      TemporaryQueue answers = session.createTemporaryQueue();
      submit(session, answers, "delivered", "b@dest.example", "c-2");
      try (MessageConsumer consumer = session.createConsumer(answers)) {
        answer(consumer, "accepted", "c-2");
        answer(consumer, "delivered", "c-2");
      }
    }
  }

  private static void fill(Session session, Queue queue) throws JMSException {
    byte[] block = new byte[100_000];
    try (MessageProducer producer = session.createProducer(queue)) {
      for (int i = 0; i < 1000; i++) {
        jakarta.jms.BytesMessage message = session.createBytesMessage();
        message.writeBytes(block);
        producer.send(message);
      }
      throw new AssertionError("100 MB and it is not full");
    } catch (JMSException e) {
      assertThat(e).hasMessageContaining("is full");
    }
  }

  @Test
  void noOtherQueueIsAnsweredTo() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options());
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      submit(session, session.createQueue("mail.held"), "all", "b@dest.example", "c-1");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(gateway.awaitCount("mail.answers", 0)).isZero();
      assertThat(gateway.count("mail.held")).isZero();
    }
  }

  private static void submit(Session session, Queue answers, String notify, String to, String id)
      throws JMSException {
    TextMessage text = session.createTextMessage("hello");
    text.setStringProperty("from", "a@sender.example");
    text.setStringProperty("to", to);
    text.setStringProperty("notify", notify);
    text.setJMSReplyTo(answers);
    text.setJMSCorrelationID(id);
    try (MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      producer.send(text);
    }
  }

  /** The next one. */
  private static Message answer(MessageConsumer consumer, String status, String correlation)
      throws JMSException {
    Message answer = consumer.receive(ANSWER_MILLIS);
    assertThat(answer).as("an answer: %s", status).isNotNull();
    assertThat(answer.getJMSCorrelationID()).isEqualTo(correlation);
    if (!status.isEmpty()) {
      assertThat(answer.getStringProperty("status")).isEqualTo(status);
    }
    return answer;
  }

  private static ConnectionFactory factory(TestGateway gateway, String protocol) throws Exception {
    List<String> user = gateway.credentials();
    return protocol.equals("amqp")
        ? new JmsConnectionFactory(
            user.get(0), user.get(1), "amqp://127.0.0.1:" + gateway.brokerPort())
        : new ActiveMQConnectionFactory(
            "tcp://127.0.0.1:" + gateway.brokerPort(), user.get(0), user.get(1));
  }
}
