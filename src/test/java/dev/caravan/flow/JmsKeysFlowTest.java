package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.queue.HoldSteps;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A mail that is submitted again with its key is not sent again, and gets the first answer. */
final class JmsKeysFlowTest {
  private static final long ANSWER_MILLIS = 60_000;

  @TempDir Path data;

  @FunctionalInterface
  interface Making {
    Message make(Session session) throws JMSException;
  }

  @Test
  void aThousandRepeatsFromTenThreadsAreOneMail() throws Exception {
    try (Remote remote = new Remote()) {
      String first;
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote))) {
        Set<String> names = ConcurrentHashMap.newKeySet();
        try (ExecutorService threads = Executors.newFixedThreadPool(10)) {
          List<Future<Integer>> all = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            all.add(threads.submit(() -> submit(gateway, 100, names)));
          }
          int answers = 0;
          for (Future<Integer> one : all) {
            answers += one.get();
          }
          assertThat(answers).isEqualTo(1000);
        }
        assertThat(names).hasSize(1);
        first = names.iterator().next();
        assertThat(remote.take().text()).contains("Message-ID: <" + first + "@relay.example>");
        assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
        assertThat(gateway.awaitCount("mail.out", 0)).isZero();
      }
      try (TestGateway again = TestGateway.start(data, TestGateway.smarthost(remote))) {
        Set<String> names = ConcurrentHashMap.newKeySet();
        assertThat(submit(again, 3, names)).isEqualTo(3);
        assertThat(names).containsExactly(first);
        assertThat(again.awaitCount("mail.out", 0)).isZero();
      }
      assertThat(remote.received()).isEmpty();
    }
  }

  /** Submits the same so often; gives how many were accepted, and the names they were given. */
  private static int submit(TestGateway gateway, int times, Set<String> names) throws Exception {
    try (Connection connection = core(gateway).createConnection();
        Session session = connection.createSession()) {
      connection.start();
      TemporaryQueue answers = session.createTemporaryQueue();
      MessageConsumer consumer = session.createConsumer(answers);
      MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
      for (int i = 0; i < times; i++) {
        Message message = text(session, "mailKey", "invoice-4711");
        message.setJMSReplyTo(answers);
        producer.send(message);
      }
      int accepted = 0;
      for (int i = 0; i < times; i++) {
        Message answer = consumer.receive(ANSWER_MILLIS);
        assertThat(answer).as("answer %d", i).isNotNull();
        if (answer.getStringProperty("status").equals("accepted")) {
          accepted++;
        }
        names.add(answer.getStringProperty("mailId"));
      }
      return accepted;
    }
  }

  static Stream<Arguments> forms() {
    return Stream.of(
        Arguments.of("property", false, (Making) s -> text(s, "mailKey", "k")),
        Arguments.of("property over AMQP", true, (Making) s -> text(s, "mailKey", "k")),
        Arguments.of("duplicate id", false, (Making) s -> text(s, "_AMQ_DUPL_ID", "k")),
        Arguments.of("duplicate id over AMQP", true, (Making) s -> text(s, "_AMQ_DUPL_ID", "k")),
        Arguments.of("map", false, (Making) JmsKeysFlowTest::map),
        Arguments.of(
            "JSON",
            false,
            (Making)
                s ->
                    s.createTextMessage(
                        "{\"from\":\"a@sender.example\",\"to\":\"b@dest.example\",\"mailKey\":\"k\"}")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void aKeyMayBeGivenAs(String name, boolean amqp, Making making) throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Connection connection = (amqp ? amqp(gateway) : core(gateway)).createConnection();
        Session session = connection.createSession()) {
      connection.start();
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        answers.add(ask(session, making.make(session)));
      }
      assertThat(answers.get(0)).startsWith("accepted K").isEqualTo(answers.get(1));
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(ask(session, text(session, "mailKey", "other"))).isNotEqualTo(answers.get(0));
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(remote.received()).isEmpty();
    }
  }

  /** What was refused was not taken in: the key is free for the mail that is right. */
  @Test
  void aRefusalIsNoFirstAnswer() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Connection connection = core(gateway).createConnection();
        Session session = connection.createSession()) {
      connection.start();
      Message wrong = text(session, "mailKey", "k");
      wrong.setStringProperty("to", "nobody");
      assertThat(ask(session, wrong)).startsWith("rejected");
      assertThat(ask(session, text(session, "mailKey", "k"))).startsWith("accepted");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(ask(session, text(session, "mailKey", "x".repeat(251)))).startsWith("rejected");
    }
  }

  @Test
  void nodesOfOneBrokerKnowEachOthersKeys() throws Exception {
    Path host = Files.createDirectories(data.resolve("host"));
    try (Remote remote = new Remote();
        EmbeddedBroker broker =
            EmbeddedBroker.start(
                new EmbeddedBroker.Options(host, "127.0.0.1", 0, 100, 64 << 20, 32 << 20))) {
      broker.declare(List.of("mail.retry.1s"));
      broker.declare(HoldSteps.all().stream().map(HoldSteps.Step::queue).toList());
      List<String> credentials =
          Files.readAllLines(host.resolve("broker.credentials")).stream()
              .map(line -> line.substring(line.indexOf('=') + 1))
              .toList();
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.retry.greylist", "0s");
      options.put("caravan.broker.url", "tcp://" + broker.listener().orElseThrow());
      options.put("caravan.broker.user", credentials.get(0));
      options.put("caravan.broker.password", credentials.get(1));
      try (TestGateway one = TestGateway.start(data.resolve("one"), options);
          TestGateway two = TestGateway.start(data.resolve("two"), options);
          Connection connection =
              new ActiveMQConnectionFactory(
                      "tcp://" + broker.listener().orElseThrow(),
                      credentials.get(0),
                      credentials.get(1))
                  .createConnection();
          Session session = connection.createSession(true, 0)) {
        assertThat(one.smtpPort()).isNotEqualTo(two.smtpPort());
        connection.start();
        TemporaryQueue answers = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(answers);
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
        // In one transaction, so that all consumers of both nodes get one at the same time.
        for (int key = 0; key < 20; key++) {
          for (int i = 0; i < 8; i++) {
            Message message = text(session, "mailKey", "k" + key);
            message.setJMSReplyTo(answers);
            message.setJMSCorrelationID("k" + key);
            producer.send(message);
          }
        }
        session.commit();
        Map<String, Set<String>> names = new HashMap<>();
        for (int i = 0; i < 160; i++) {
          Message answer = consumer.receive(ANSWER_MILLIS);
          assertThat(answer).as("answer %d", i).isNotNull();
          assertThat(answer.getStringProperty("status")).isEqualTo("accepted");
          names
              .computeIfAbsent(answer.getJMSCorrelationID(), k -> ConcurrentHashMap.newKeySet())
              .add(answer.getStringProperty("mailId"));
        }
        session.commit();
        assertThat(names).hasSize(20).allSatisfy((key, ids) -> assertThat(ids).hasSize(1));
        for (int i = 0; i < 20; i++) {
          assertThat(remote.take().to()).containsExactly("b@dest.example");
        }
        assertThat(broker.use("mail.submit").messages()).isZero();
        assertThat(broker.use("mail.out").messages()).isZero();
        assertThat(remote.received()).isEmpty();
      }
    }
  }

  /** Sends it; gives status and name of the answer. */
  private static String ask(Session session, Message message) throws JMSException {
    TemporaryQueue answers = session.createTemporaryQueue();
    message.setJMSReplyTo(answers);
    try (MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
        MessageConsumer consumer = session.createConsumer(answers)) {
      producer.send(message);
      Message answer = consumer.receive(ANSWER_MILLIS);
      assertThat(answer).isNotNull();
      return answer.getStringProperty("status") + " " + answer.getStringProperty("mailId");
    }
  }

  private static Message text(Session session, String property, String key) throws JMSException {
    TextMessage text = session.createTextMessage("hello");
    text.setStringProperty("from", "a@sender.example");
    text.setStringProperty("to", "b@dest.example");
    text.setStringProperty(property, key);
    return text;
  }

  private static Message map(Session session) throws JMSException {
    MapMessage map = session.createMapMessage();
    map.setString("from", "a@sender.example");
    map.setString("to", "b@dest.example");
    map.setString("mailKey", "k");
    return map;
  }

  private static jakarta.jms.ConnectionFactory core(TestGateway gateway) throws Exception {
    List<String> credentials = gateway.credentials();
    return new ActiveMQConnectionFactory(
        "tcp://127.0.0.1:" + gateway.brokerPort(), credentials.get(0), credentials.get(1));
  }

  private static jakarta.jms.ConnectionFactory amqp(TestGateway gateway) throws Exception {
    List<String> credentials = gateway.credentials();
    return new JmsConnectionFactory(
        credentials.get(0), credentials.get(1), "amqp://127.0.0.1:" + gateway.brokerPort());
  }
}
