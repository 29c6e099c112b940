package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.MailEvent;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What JMS says of a message is said of the mail: priority, delay, expiration, who sent it. */
final class JmsSemanticsFlowTest {
  private static final long ANSWER_MILLIS = 60_000;
  private static final Pattern TO = Pattern.compile("\nTo: (g\\d)-(\\d+)@dest");

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

  @FunctionalInterface
  interface Setting {
    void set(MessageProducer producer, Message message) throws JMSException;
  }

  @Test
  void theMostUrgentMailOfALaneIsTheNext() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    remote.answers(
        address -> {
          try {
            return release.await(60, TimeUnit.SECONDS) ? "250 2.1.5 Ok" : "450 4.2.0 Not now";
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Map<String, String> options = options();
    options.put("caravan.site.concurrency", "1");
    String lane = "mail.out.127.0.0.1:" + remote.port();
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      // one is being delivered, the next is in the hand of the lane's worker
      send(session, "first", (p, m) -> {});
      send(session, "second", (p, m) -> {});
      assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
      assertThat(gateway.awaitCount(lane, 1)).isEqualTo(1);
      send(session, "low", (p, m) -> p.setPriority(0));
      send(session, "normal", (p, m) -> {});
      send(session, "high", (p, m) -> p.setPriority(9));
      assertThat(gateway.awaitCount(lane, 4)).isEqualTo(4);
      release.countDown();
      List<String> order = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        String to = remote.take().to().getFirst();
        order.add(to.substring(0, to.indexOf('@')));
      }
      assertThat(order).containsSubsequence("high", "normal", "low");
      assertThat(order.subList(0, 2)).doesNotContain("low", "normal");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "amqp"})
  void aMailForLaterIsTakenInAtOnceAndSentThen(String protocol) throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options());
        Connection connection = factory(gateway, protocol).createConnection();
        Session session = connection.createSession()) {
      connection.start();
      Map<String, Setting> ways =
          Map.of(
              "delay",
              (p, m) -> p.setDeliveryDelay(3_000),
              "text",
              (p, m) -> m.setStringProperty("sendAt", Instant.now().plusSeconds(3).toString()),
              "millis",
              (p, m) -> m.setLongProperty("sendAt", System.currentTimeMillis() + 3_000));
      Instant begin = Instant.now();
      for (Map.Entry<String, Setting> way : ways.entrySet()) {
        assertThat(ask(session, way.getKey(), way.getValue())).startsWith("accepted");
      }
      assertThat(ask(session, "day", (p, m) -> p.setDeliveryDelay(86_400_000)))
          .startsWith("accepted");
      for (int i = 0; i < 3; i++) {
        assertThat(remote.take().to().getFirst()).doesNotStartWith("day");
        assertThat(Duration.between(begin, Instant.now())).isGreaterThan(Duration.ofMillis(2_900));
      }
      assertThat(gateway.count("mail.submit")).isZero();
      assertThat(gateway.awaitCount("mail.hold.6h", 1)).isEqualTo(1);
      assertThat(
              ask(session, "year", (p, m) -> m.setStringProperty("sendAt", "2099-01-01T00:00:00Z")))
          .startsWith("rejected 554 5.6.0 sendAt is further away");
      assertThat(ask(session, "x", (p, m) -> m.setStringProperty("sendAt", "tomorrow")))
          .startsWith("rejected 554 5.6.0 sendAt is a time such as");
    }
  }

  @Test
  void aMailThatIsOfNoUseAnyMoreIsNotSent() throws Exception {
    remote.answers(address -> address.startsWith("late") ? "450 4.2.0 Not now" : "250 2.1.5 Ok");
    Map<String, String> options = options();
    options.put("caravan.retry.schedule", "1s");
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = factory(gateway, "core").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      TemporaryQueue answers = session.createTemporaryQueue();
      Setting expired =
          (p, m) -> {
            m.setStringProperty("notify", "expired");
            m.setJMSReplyTo(answers);
            p.setTimeToLive(5_000);
          };
      send(session, "late", expired);
      send(
          session,
          "never",
          (p, m) -> {
            expired.set(p, m);
            m.setStringProperty("sendAt", Instant.now().plusSeconds(6).toString());
          });
      Map<String, String> replies = new HashMap<>();
      try (MessageConsumer consumer = session.createConsumer(answers)) {
        while (replies.size() < 2) {
          Message answer = consumer.receive(ANSWER_MILLIS);
          assertThat(answer).isNotNull();
          if (answer.getStringProperty("status").equals("expired")) {
            replies.put(answer.getStringProperty("to"), answer.getStringProperty("reply"));
          }
        }
      }
      assertThat(replies.get("late@dest.example")).contains("4.4.7", "450 4.2.0 Not now");
      assertThat(replies.get("never@dest.example")).contains("4.4.7", "no attempt was made");
      assertThat(List.of(remote.take(), remote.take()))
          .allSatisfy(report -> assertThat(report.from()).isEmpty());
    }
  }

  @Test
  void aDurableSubscriberChoosesByApplicationAndRecipient() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options())) {
      String selector =
          "application = 'caravan' AND mailFrom = 'a@sender.example' AND to = 'b@dest.example'";
      try (Connection connection = factory(gateway, "core").createConnection()) {
        connection.setClientID("reports");
        Session session = connection.createSession();
        Topic events = session.createTopic("mail.events");
        session.createDurableSubscriber(events, "mine", selector, false).close();
      }
      try (Client client = new Client(gateway.smtpPort())) {
        client.send("a@sender.example", List.of("b@dest.example"), "Subject: x\r\n\r\nsmtp\r\n");
      }
      try (Connection connection = factory(gateway, "core").createConnection();
          Session session = connection.createSession()) {
        send(session, "c", (p, m) -> {});
        send(session, "b", (p, m) -> {});
      }
      for (int i = 0; i < 3; i++) {
        assertThat(remote.take().to()).hasSize(1);
      }
      try (Connection connection = factory(gateway, "core").createConnection()) {
        connection.setClientID("reports");
        connection.start();
        Session session = connection.createSession();
        MessageConsumer mine =
            session.createDurableSubscriber(
                session.createTopic("mail.events"), "mine", selector, false);
        List<MailEvent> events = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          TextMessage text = (TextMessage) mine.receive(ANSWER_MILLIS);
          assertThat(text).isNotNull();
          events.add(MailEvent.fromJson(text.getText()));
        }
        assertThat(events)
            .extracting(MailEvent::type)
            .containsExactlyInAnyOrder(MailEvent.Type.QUEUED, MailEvent.Type.DELIVERED);
        assertThat(events)
            .allSatisfy(
                event -> {
                  assertThat(event.application()).isEqualTo("caravan");
                  assertThat(event.source()).isEqualTo("jms");
                  assertThat(event.to()).containsExactly("b@dest.example");
                });
      }
    }
  }

  /** 40 of each of five groups, in turn; eight consumers take them in. */
  @ParameterizedTest
  @ValueSource(strings = {"core", "amqp"})
  void ofOneGroupTheyAreTakenInInTheirOrder(String protocol) throws Exception {
    int groups = 5;
    int each = 40;
    Map<String, String> options = options();
    options.put("caravan.jms.consumers", "8");
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = factory(gateway, protocol).createConnection();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
      connection.start();
      // They wait where they are put when they are taken in.
      String tomorrow = Instant.now().plus(Duration.ofDays(1)).toString();
      for (int i = 0; i < groups * each; i++) {
        String group = "g" + i % groups;
        send(
            session,
            group + "-" + i / groups,
            (p, m) -> {
              m.setStringProperty("JMSXGroupID", group);
              m.setStringProperty("sendAt", tomorrow);
            });
      }
      session.commit();
      String held = "mail.hold.6h";
      assertThat(gateway.awaitCount(held, groups * each)).isEqualTo(groups * each);
      Map<String, List<Integer>> orders = gateway.orders(held, TO);
      assertThat(orders).hasSize(groups);
      // No browser sees the first, which whoever watches the queue has in hand.
      assertThat(orders.values().stream().mapToInt(List::size).sum())
          .isGreaterThan(groups * each / 2);
      assertThat(orders.values())
          .allSatisfy(
              order ->
                  assertThat(order)
                      .isEqualTo(IntStream.range(order.getFirst(), each).boxed().toList()));
    }
  }

  private static void send(Session session, String to, Setting setting) throws JMSException {
    TextMessage text = session.createTextMessage("hello");
    text.setStringProperty("from", "a@sender.example");
    text.setStringProperty("to", to + "@dest.example");
    try (MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      setting.set(producer, text);
      producer.send(text);
    }
  }

  /** Sends it; gives what the answer says. */
  private static String ask(Session session, String to, Setting setting) throws JMSException {
    TemporaryQueue answers = session.createTemporaryQueue();
    try (MessageConsumer consumer = session.createConsumer(answers)) {
      send(
          session,
          to,
          (p, m) -> {
            m.setJMSReplyTo(answers);
            setting.set(p, m);
          });
      Message answer = consumer.receive(ANSWER_MILLIS);
      assertThat(answer).isNotNull();
      return answer.getStringProperty("status") + " " + answer.getStringProperty("reply");
    }
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
