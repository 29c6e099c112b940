package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever an application submits over JMS, it is told, and the next mail goes out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JmsBadInputTest {
  private static final long ANSWER_MILLIS = 60_000;
  private static final Map<String, String> GOOD =
      Map.of("from", "a@sender.example", "to", "b@dest.example");

  private Remote remote = new Remote();
  private Path data = Path.of("");
  private TestGateway gateway;
  private Connection connection;
  private Session session;
  private MessageProducer producer;
  private MessageConsumer rejected;

  /** What a class would do that is deserialized. */
  private static final class Trap implements Serializable {
    private static final long serialVersionUID = 1L;

    private void readObject(java.io.ObjectInputStream in) {
      throw new AssertionError("it was deserialized");
    }
  }

  @FunctionalInterface
  interface Making {
    Message make(Session session) throws Exception;
  }

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    data = folder;
    gateway = TestGateway.start(data, TestGateway.smarthost(remote));
    List<String> credentials = gateway.credentials();
    connection =
        new ActiveMQConnectionFactory(
                "tcp://127.0.0.1:" + gateway.brokerPort(), credentials.get(0), credentials.get(1))
            .createConnection();
    connection.start();
    session = connection.createSession();
    producer = session.createProducer(session.createQueue("mail.submit"));
    rejected = session.createConsumer(session.createQueue("mail.rejected"));
  }

  @AfterAll
  void stop() throws Exception {
    connection.close();
    gateway.close();
    remote.close();
  }

  @AfterEach
  void theNextIsServed() throws Exception {
    producer.send(text("next", GOOD).make(session));
    assertThat(remote.take().text()).endsWith("\r\n\r\nnext\r\n");
    assertThat(remote.received()).isEmpty();
    assertThat(rejected.receiveNoWait()).isNull();
    try (Stream<Path> spool = Files.list(data.resolve("spool"))) {
      assertThat(spool).isEmpty();
    }
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        bad("object", s -> s.createObjectMessage(new Trap()), "5.6.0", "is no mail"),
        bad(
            "object said to be text",
            s -> with(s.createObjectMessage("x"), GOOD),
            "5.6.0",
            "is no"),
        bad("stream", s -> streamOf(s), "5.6.0", "is no mail"),
        bad("nothing", Session::createMessage, "5.6.0", "is no mail"),
        bad("no recipients", text("x", Map.of("from", "a@b.example")), "5.6.0", "header fields"),
        bad("no to", text("x", Map.of("from", "a@b.example", "to", "")), "5.1.3", "no recipients"),
        bad(
            "a bad one among good ones",
            text("x", Map.of("from", "a@b.example", "to", "b@d.example, foo bar@x, c@d.example")),
            "5.1.3",
            "to has no proper address: foo bar@x"),
        bad(
            "injection by subject",
            text("x", more("subject", "x\r\nBcc: evil@dest.example")),
            "5.6.0",
            "subject has a line break"),
        bad(
            "injection by name",
            text("x", more("cc", "\"x\r\nBcc: evil@dest.example\" <c@d.example>")),
            "5.6.0",
            "cc has a line break"),
        bad(
            "injection by envelope",
            text("X: y\n\n", Map.of("mailFrom", "a@b.example> SIZE=1", "rcptTo", "c@d.example")),
            "5.1.7",
            "mailFrom has no proper address"),
        bad("JSON that is none", text("{", Map.of()), "5.6.0", "the JSON can't be read"),
        bad(
            "too deep",
            text("{\"a\":".repeat(9999), Map.of()),
            "5.6.0",
            "/a: there is no such key"),
        bad("unknown format", text("x", Map.of("format", "x\u001b")), "5.6.0", "not x?"),
        bad("octets", s -> octets(s, new byte[100_000]), "5.6.0", "header fields"),
        bad("many octets", s -> octets(s, new byte[2_000_000]), "5.6.0", "header fields"),
        bad(
            "an executable in a map",
            s -> map(s, "setup.exe", new byte[10]),
            "5.7.1",
            "Executable attachments"),
        bad(
            "an executable with a foreign name",
            s -> map(s, "größe.exe", new byte[10]),
            "5.7.1",
            "Executable attachments"));
  }

  private static Arguments bad(String name, Making making, String code, String reason) {
    return Arguments.of(name, making, code, reason);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void isRefused(String name, Making making, String code, String reason) throws Exception {
    TemporaryQueue answers = session.createTemporaryQueue();
    Message sent = making.make(session);
    sent.setJMSReplyTo(answers);
    sent.setJMSCorrelationID(name);
    sent.setIntProperty("own", 42);
    producer.send(sent);

    Message back = rejected.receive(ANSWER_MILLIS);
    assertThat(back.getStringProperty("rejectCode")).endsWith(" " + code);
    assertThat(back.getStringProperty("rejectReason")).contains(reason);
    assertThat(back.getJMSCorrelationID()).isEqualTo(name);
    assertThat(back.getIntProperty("own")).isEqualTo(42);
    if (sent instanceof TextMessage text) {
      assertThat(((TextMessage) back).getText()).isEqualTo(text.getText());
    }
    try (MessageConsumer consumer = session.createConsumer(answers)) {
      Message answer = consumer.receive(ANSWER_MILLIS);
      assertThat(answer.getStringProperty("status")).isEqualTo("rejected");
      assertThat(answer.getJMSCorrelationID()).isEqualTo(name);
      assertThat(answer.getStringProperty("reply")).contains(code, reason);
    }
  }

  @Test
  void aMapWithAttachmentsIsAMail() throws Exception {
    byte[] octets = {0, 13, 10, -1, 46};
    MapMessage map = map(session, "Übersicht.bin", octets);
    map.setString("subject", "Größe 😀");
    producer.send(map);

    Remote.Received got = remote.take();
    assertThat(got.to()).containsExactly("b@dest.example");
    org.apache.james.mime4j.dom.Message message =
        new DefaultMessageBuilder().parseMessage(new ByteArrayInputStream(got.data()));
    assertThat(message.getSubject()).isEqualTo("Größe 😀");
    List<Entity> parts = ((Multipart) message.getBody()).getBodyParts();
    assertThat(parts).hasSize(2);
    assertThat(new String(octets(parts.get(0)), StandardCharsets.UTF_8)).isEqualTo("Grüße");
    assertThat(octets(parts.get(1))).isEqualTo(octets);
    assertThat(got.text()).contains("filename*=utf-8''%C3%9Cbersicht.bin");
  }

  @Test
  void largeOctetsGetProperLines() throws Exception {
    BytesMessage large =
        octets(
            session, ("X: y\n\n" + "line\n".repeat(200_000)).getBytes(StandardCharsets.US_ASCII));
    large.setStringProperty("mailFrom", "a@sender.example");
    large.setStringProperty("rcptTo", "b@dest.example");
    producer.send(large);
    assertThat(remote.take().text()).endsWith("X: y\r\n\r\n" + "line\r\n".repeat(200_000));
  }

  private static byte[] octets(Entity entity) throws Exception {
    try (java.io.InputStream in = ((SingleBody) entity.getBody()).getInputStream()) {
      return in.readAllBytes();
    }
  }

  private static Making text(String text, Map<String, String> properties) {
    return session -> with(session.createTextMessage(text), properties);
  }

  private static Map<String, String> more(String name, String value) {
    Map<String, String> all = new java.util.HashMap<>(GOOD);
    all.put(name, value);
    return all;
  }

  private static Message with(Message message, Map<String, String> properties) throws Exception {
    for (Map.Entry<String, String> property : properties.entrySet()) {
      message.setStringProperty(property.getKey(), property.getValue());
    }
    return message;
  }

  private static StreamMessage streamOf(Session session) throws Exception {
    StreamMessage stream = session.createStreamMessage();
    stream.writeString("x");
    return stream;
  }

  private static BytesMessage octets(Session session, byte[] octets) throws Exception {
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(octets);
    return message;
  }

  private static MapMessage map(Session session, String name, byte[] octets) throws Exception {
    MapMessage map = session.createMapMessage();
    map.setString("from", "Jörg <a@sender.example>");
    map.setString("to", "b@dest.example");
    map.setString("text", "Grüße");
    map.setBytes(name, octets);
    return map;
  }
}
