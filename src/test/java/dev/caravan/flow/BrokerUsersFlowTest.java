package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
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
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user may submit mail as itself at the broker and read its own answers, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrokerUsersFlowTest {
  private static final long ANSWER_MILLIS = 60_000;

  private final Remote remote = new Remote();
  private TestGateway gateway;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    Path file = data.resolve("users");
    UsersFile users = new UsersFile(file);
    users.add(new Account("shop", true, List.of("shop.example"), 0, 0), "secret", false);
    users.add(new Account("other", true, List.of(), 0, 0), "other", false);
    users.add(new Account("small", true, List.of(), 0, 0, 20_000), "small", false);
    users.add(new Account("gone", false, List.of(), 0, 0), "gone", false);
    users.add(new Account("caravan", true, List.of(), 0, 0), "mine", false);
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.users-file", file.toString());
    gateway = TestGateway.start(data, options);
  }

  @AfterAll
  void stop() {
    gateway.close();
    remote.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "amqp"})
  void aUserSubmitsAndReadsItsAnswers(String protocol) throws Exception {
    try (Connection connection = factory(protocol, "shop", "secret").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      Queue own = session.createQueue("mail.reply.shop");
      assertThat(ask(session, own, "Shop <a@shop.example>")).startsWith("accepted");
      assertThat(remote.take().from()).isEqualTo("a@shop.example");
      TemporaryQueue temporary = session.createTemporaryQueue();
      assertThat(ask(session, temporary, "a@shop.example")).startsWith("accepted");
      assertThat(remote.take().from()).isEqualTo("a@shop.example");
      temporary.delete();
      assertThat(ask(session, own, "a@other.example")).startsWith("rejected 553 5.7.1 Not your");
    }
  }

  @Test
  void whatPeopleSeeAsTheSenderMustBeItsOwnToo() throws Exception {
    try (Connection connection = factory("core", "shop", "secret").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      TextMessage raw =
          session.createTextMessage("From: boss@other.example\nTo: b@dest.example\n\nhello\n");
      raw.setStringProperty("mailFrom", "a@shop.example");
      raw.setStringProperty("rcptTo", "b@dest.example");
      assertThat(ask(session, session.createQueue("mail.reply.shop"), raw))
          .startsWith("rejected 550 5.7.1 The From field");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "amqp"})
  void aMailLargerThanItsUserMaySendIsRejected(String protocol) throws Exception {
    try (Connection connection = factory(protocol, "small", "small").createConnection();
        Session session = connection.createSession()) {
      connection.start();
      Queue own = session.createQueue("mail.reply.small");
      assertThat(ask(session, own, sized(session, "x".repeat(70).concat("\n").repeat(400))))
          .isEqualTo(
              "rejected 552 5.3.4 Message exceeds the size limit of your account, 20000 octets");
      assertThat(ask(session, own, sized(session, "x".repeat(70).concat("\n").repeat(250))))
          .startsWith("accepted");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
    }
  }

  private static TextMessage sized(Session session, String body) throws JMSException {
    TextMessage text = session.createTextMessage(body);
    text.setStringProperty("from", "a@shop.example");
    text.setStringProperty("to", "b@dest.example");
    return text;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mail.submit",
        "mail.out",
        "mail.held",
        "mail.rejected",
        "mail.answers",
        "mail.events",
        "mail.reply.other",
        "mail.reply.#",
        "mail.*",
        "#",
        "activemq.management",
        "activemq.notifications"
      })
  void noOtherQueueIsReadOrWrittenTo(String name) throws Exception {
    for (String protocol : List.of("core", "amqp")) {
      try (Connection connection = factory(protocol, "shop", "secret").createConnection();
          Session session = connection.createSession()) {
        connection.start();
        assertThatThrownBy(() -> session.createConsumer(session.createQueue(name)))
            .isInstanceOf(JMSException.class);
        assertThatThrownBy(
                () -> {
                  MessageConsumer events = session.createConsumer(session.createTopic(name));
                  events.receiveNoWait();
                })
            .isInstanceOf(JMSException.class);
        if (!name.equals("mail.submit")) {
          assertThatThrownBy(
                  () ->
                      session
                          .createProducer(session.createQueue(name))
                          .send(session.createTextMessage("x")))
              .isInstanceOf(JMSException.class);
        }
      }
    }
  }

  @Test
  void nobodyElseIsAnswered() throws Exception {
    try (Connection connection = factory("core", "shop", "secret").createConnection();
        Session session = connection.createSession()) {
      TextMessage text = session.createTextMessage("hello");
      text.setStringProperty("from", "a@shop.example");
      text.setStringProperty("to", "b@dest.example");
      text.setStringProperty("notify", "all");
      text.setJMSReplyTo(
          org.apache.activemq.artemis.jms.client.ActiveMQDestination.createQueue(
              "mail.reply.other"));
      session.createProducer(session.createQueue("mail.submit")).send(text);
      assertThat(remote.take().to()).containsExactly("b@dest.example");
    }
    assertThat(gateway.awaitCount("mail.answers", 0)).isZero();
    assertThat(gateway.count("mail.reply.other")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"shop:wrong", "gone:gone", "nobody:", "caravan:mine", "caravan.gateway:x"})
  void nobodyElseComesIn(String who) throws Exception {
    String[] parts = who.split(":", -1);
    for (String protocol : List.of("core", "amqp")) {
      assertThatThrownBy(
              () -> {
                try (Connection connection =
                    factory(protocol, parts[0], parts[1]).createConnection()) {
                  connection.start();
                }
              })
          .isInstanceOf(JMSException.class);
    }
  }

  @Test
  void nobodyComesInWithoutAName() {
    assertThatThrownBy(
            () ->
                new ActiveMQConnectionFactory("tcp://127.0.0.1:" + gateway.brokerPort())
                    .createConnection()
                    .close())
        .isInstanceOf(JMSException.class);
  }

  private static String ask(Session session, Queue answers, String from) throws JMSException {
    TextMessage text = session.createTextMessage("hello");
    text.setStringProperty("from", from);
    text.setStringProperty("to", "b@dest.example");
    return ask(session, answers, text);
  }

  private static String ask(Session session, Queue answers, Message message) throws JMSException {
    message.setJMSReplyTo(answers);
    try (MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      producer.send(message);
    }
    try (MessageConsumer consumer = session.createConsumer(answers)) {
      Message answer = consumer.receive(ANSWER_MILLIS);
      assertThat(answer).isNotNull();
      return answer.getStringProperty("status") + " " + answer.getStringProperty("reply");
    }
  }

  private ConnectionFactory factory(String protocol, String user, String password) {
    return protocol.equals("amqp")
        ? new JmsConnectionFactory(user, password, "amqp://127.0.0.1:" + gateway.brokerPort())
        : new ActiveMQConnectionFactory("tcp://127.0.0.1:" + gateway.brokerPort(), user, password);
  }
}
