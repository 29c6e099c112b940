package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are staged on {@code mail.stage.NAME} and named by the mail that comes after. */
final class StagedFilesFlowTest {
  private static final long ANSWER_MILLIS = 60_000;
  private static final String STAGE = "mail.stage.shop";

  @TempDir Path data;

  private final Remote remote = new Remote();
  private final Map<String, String> options = new HashMap<>();
  private UsersFile users;

  @BeforeEach
  void users() throws Exception {
    Path file = data.resolve("users");
    users = new UsersFile(file);
    users.add(new Account("shop", true, List.of("sender.example"), 0, 0), "shop", false);
    users.add(new Account("other", true, List.of("sender.example"), 0, 0), "other", false);
    options.putAll(TestGateway.smarthost(remote));
    options.put("caravan.users-file", file.toString());
  }

  @AfterEach
  void stop() {
    remote.close();
  }

  @Test
  void filesAndMailAreOneTransaction() throws Exception {
    byte[] large = octets(3_000_000);
    byte[] table = "Größe;1\r\n".getBytes(StandardCharsets.UTF_8);
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
      stage(session, STAGE, "lost", large);
      session.rollback();
      stage(session, STAGE, "ID:large/1", large);
      stage(session, STAGE, "table", table);
      submit(session, "one", file("a.bin", "ID:large/1"), file("Größe.csv", "table"));
      session.commit();
      List<Entity> parts = parts(remote.take());
      assertThat(parts).hasSize(3);
      assertThat(body(parts.get(1))).isEqualTo(large);
      assertThat(parts.get(1).getMimeType()).isEqualTo("application/octet-stream");
      assertThat(body(parts.get(2))).isEqualTo(table);
      assertThat(parts.get(2).getFilename()).isEqualTo("Größe.csv");
      assertThat(parts.get(2).getCharset()).isEqualToIgnoringCase("utf-8");
      assertThat(gateway.awaitCount(STAGE, 0)).isZero();
      assertThat(gateway.count("mail.rejected")).isZero();
      assertThat(gateway.spoolWhenEmpty()).isEmpty();
    }
  }

  /** One file may stand in a mail twice; a kilobyte and a megabyte, from every protocol. */
  @ParameterizedTest
  @ValueSource(strings = {"openwire", "amqp"})
  void everyProtocolStages(String protocol) throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options)) {
      for (int size : List.of(1_000, 1_000_000)) {
        byte[] octets = octets(size);
        if (protocol.equals("openwire")) {
          stageByOpenWire(gateway, "x" + size, octets);
        } else {
          stageByAmqp(gateway, "x" + size, octets);
        }
        submitAs(gateway, "shop", protocol, file("a", "x" + size), file("b", "x" + size));
        List<Entity> parts = parts(remote.take());
        assertThat(parts).hasSize(3);
        assertThat(body(parts.get(1))).isEqualTo(octets);
        assertThat(body(parts.get(2))).isEqualTo(octets);
        assertThat(gateway.awaitCount(STAGE, 0)).isZero();
      }
    }
  }

  @Test
  void stompStagesOctets() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options);
        Socket socket = new Socket("127.0.0.1", gateway.brokerPort())) {
      String connect = "CONNECT\naccept-version:1.2\nhost:x\nlogin:shop\npasscode:shop\n\n\0";
      String file =
          "SEND\ndestination:mail.stage.shop\nattachmentId:s\ncontent-length:6\nreceipt:1\n\n";
      socket.getOutputStream().write((connect + file).getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(new byte[] {0, 1, 2, -1, 4, 5, 0});
      String told = "";
      while (!told.contains("RECEIPT")) {
        int octet = socket.getInputStream().read();
        assertThat(octet).isNotEqualTo(-1);
        told += (char) octet;
      }
      submitAs(gateway, "shop", "stomp", file("x.bin", "s"));
      assertThat(body(parts(remote.take()).get(1))).isEqualTo(new byte[] {0, 1, 2, -1, 4, 5});
    }
  }

  /** It stays where it is, so the mail is complete when it is submitted again. */
  @Test
  void aMailThatIsRefusedLeavesItsFiles() throws Exception {
    Admin.token(data);
    try (TestGateway gateway = TestGateway.start(data, options);
        Admin admin = new Admin(gateway.httpPort());
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession()) {
      stage(session, STAGE, "kept", octets(10));
      String json = json("one", file("x", "kept"), file("y", "missing"));
      assertThat(ask(session, json))
          .isEqualTo("554 5.6.0 no attachment missing is staged in mail.stage.shop");
      assertThat(ask(session, json("one", file("x", "kept")).replace("sender.", "not.ours.")))
          .startsWith("553 5.7.1");
      assertThat(gateway.count(STAGE)).isOne();
      stage(session, STAGE, "missing", octets(20));
      assertThat(admin.post("/api/rejected/replay", "{'all':true}").last().toString())
          .contains("2");
      assertThat(parts(remote.take())).hasSize(3);
      assertThat(gateway.awaitCount(STAGE, 0)).isZero();
    }
  }

  @Test
  void nobodyNamesAnothersFiles() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession();
        Connection others = gateway.application("other", "other");
        Session other = others.createSession()) {
      stage(session, STAGE, "mine", octets(10));
      assertThat(ask(other, json("one", file("x", "mine"))))
          .isEqualTo("554 5.6.0 no attachment mine is staged in mail.stage.other");
      for (String queue : List.of(STAGE, "mail.stage.#", "mail.stage.*", "mail.stage.other.x")) {
        assertThatThrownBy(() -> stage(other, queue, "x", octets(1)))
            .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> other.createConsumer(other.createQueue(queue)))
            .isInstanceOf(JMSException.class);
      }
      assertThatThrownBy(
              () -> other.createBrowser(other.createQueue(STAGE)).getEnumeration().nextElement())
          .isInstanceOf(Exception.class);
      assertThat(gateway.count(STAGE)).isOne();
      // What it does not want any more it takes back.
      try (MessageConsumer back = session.createConsumer(session.createQueue(STAGE))) {
        assertThat(back.receive(ANSWER_MILLIS)).isInstanceOf(BytesMessage.class);
      }
      assertThat(gateway.awaitCount(STAGE, 0)).isZero();
    }
  }

  @Test
  void whatIsTooMuchIsAnErrorAndNothingIsLost() throws Exception {
    options.put("caravan.jms.staged-size-max", "1MB");
    options.put("caravan.jms.staged-files-max", "3");
    options.put("caravan.smtp.message-size-max", "900KB");
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession();
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED)) {
      stage(session, STAGE, "a", octets(600_000));
      for (int size : List.of(600_000, 2_000_000)) {
        assertThatThrownBy(() -> stage(session, STAGE, "b", octets(size)))
            .isInstanceOf(JMSException.class)
            .hasMessageContaining("caravan.jms.staged-size-max");
      }
      assertThatThrownBy(
              () -> {
                stage(transacted, STAGE, "b", octets(600_000));
                submit(transacted, "never", file("x", "a"));
                transacted.commit();
              })
          .isInstanceOf(JMSException.class);
      transacted.rollback();
      // What one transaction sends counts together.
      assertThatThrownBy(
              () -> {
                for (String id : List.of("x", "y", "z")) {
                  stage(transacted, STAGE, id, octets(1));
                }
                transacted.commit();
              })
          .isInstanceOf(JMSException.class);
      transacted.rollback();
      assertThat(gateway.count(STAGE)).isOne();
      // In the mail it is a third larger.
      stage(session, STAGE, "c", octets(100_000));
      assertThat(ask(session, json("large", file("x", "a"), file("y", "c"))))
          .startsWith("554 5.3.4");
      // One file, but twice in the mail.
      assertThat(ask(session, json("twice", file("x", "a"), file("y", "a"))))
          .startsWith("554 5.3.4");
      stage(session, STAGE, "d", octets(1));
      assertThatThrownBy(() -> stage(session, STAGE, "e", octets(1)))
          .isInstanceOf(JMSException.class)
          .hasMessageContaining("caravan.jms.staged-files-max");
      assertThat(ask(session, json("all", file("y", "c"), file("z", "d")))).startsWith("accepted");
      assertThat(parts(remote.take())).hasSize(3);
      stage(session, STAGE, "e", octets(1));
      assertThat(gateway.awaitCount(STAGE, 2)).isEqualTo(2);
      try (Stream<Path> files = Files.list(data.resolve("broker/large-messages"))) {
        // That of "a" alone; the refused submissions have none.
        assertThat(files.filter(file -> size(file) > 500_000)).hasSize(1);
      }
    }
  }

  @Test
  void onlyOctetsInTimeAreFiles() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession();
        var producer = session.createProducer(session.createQueue(STAGE))) {
      TextMessage text = session.createTextMessage("hello");
      text.setStringProperty("attachmentId", "text");
      producer.send(text);
      assertThat(ask(session, json("one", file("x", "text"))))
          .isEqualTo("554 5.6.0 a staged attachment must be a BytesMessage");
      BytesMessage old = session.createBytesMessage();
      old.setStringProperty("attachmentId", "old");
      producer.setTimeToLive(1);
      producer.send(old);
      while (System.currentTimeMillis() <= old.getJMSExpiration()) {
        Thread.onSpinWait();
      }
      assertThat(ask(session, json("one", file("x", "old")))).contains("no attachment old");
    }
  }

  /** Whoever does not know whether it was taken in stages and submits again. */
  @Test
  void aRepeatLeavesNoFilesBehind() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession()) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        if (i < 2) {
          stage(session, STAGE, "a", octets(300_000));
        }
        String json = json("one", file("x", "a")).replaceFirst("\\{", "{'mailKey':'k',");
        ids.add(ask(session, json.replace('\'', '"')));
      }
      assertThat(ids).allMatch(answer -> answer.startsWith("accepted K"));
      assertThat(ids.stream().distinct()).hasSize(1);
      assertThat(remote.take().to()).containsExactly("one@dest.example");
      assertThat(gateway.awaitCount(STAGE, 0)).isZero();
      assertThat(gateway.count("mail.rejected")).isZero();
      assertThat(remote.received()).isEmpty();
    }
  }

  /** One for all, which stays: nobody knows when the last of them is made. */
  @Test
  void eachOfManyGetsTheFile() throws Exception {
    byte[] octets = octets(400_000);
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession()) {
      stage(session, STAGE, "terms", octets);
      TextMessage mail =
          session.createTextMessage(
              """
              {"from": "a@sender.example", "subject": "Terms", "text": "See the file.",
               "attachments": [{"name": "terms.pdf", "staged": "terms"}],
               "recipients": [{"to": "x@dest.example"}, {"to": "y@dest.example"}]}
              """);
      send(session, mail);
      List<String> to = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Remote.Received received = remote.take();
        to.addAll(received.to());
        assertThat(body(parts(received).get(1))).isEqualTo(octets);
      }
      assertThat(to).containsExactlyInAnyOrder("x@dest.example", "y@dest.example");
      assertThat(gateway.count(STAGE)).isOne();
      assertThat(gateway.spoolWhenEmpty()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "key"})
  void aRequestNamesThemToo(String key) throws Exception {
    String token = users.addToken("shop", false).orElseThrow();
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession();
        HttpClient http = HttpClient.newHttpClient()) {
      byte[] octets = octets(300_000);
      stage(session, STAGE, "a", octets);
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + gateway.httpPort() + "/v1/messages"))
              .header("Content-Type", "application/json")
              .header("Authorization", "Bearer " + token)
              .POST(HttpRequest.BodyPublishers.ofString(json("one", file("x", "a"))));
      if (!key.isEmpty()) {
        request.header("Idempotency-Key", key);
      }
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
      assertThat(body(parts(remote.take()).get(1))).isEqualTo(octets);
      assertThat(gateway.awaitCount(STAGE, 0)).isZero();
      HttpResponse<String> again = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(again.statusCode()).isEqualTo(key.isEmpty() ? 400 : 202);
    }
  }

  @Test
  void aFileOutlivesARestart() throws Exception {
    byte[] octets = octets(300_000);
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession()) {
      stage(session, STAGE, "a", octets);
    }
    try (TestGateway gateway = TestGateway.start(data, options)) {
      assertThat(gateway.count(STAGE)).isOne();
      submitAs(gateway, "shop", "one", file("x", "a"));
      assertThat(body(parts(remote.take()).get(1))).isEqualTo(octets);
    }
  }

  // What applications do.

  private static void stage(Session session, String queue, String id, byte[] octets)
      throws JMSException {
    BytesMessage file = session.createBytesMessage();
    file.setStringProperty("attachmentId", id);
    file.setObjectProperty("JMS_AMQ_InputStream", new ByteArrayInputStream(octets));
    try (var producer = session.createProducer(session.createQueue(queue))) {
      producer.send(file);
    }
  }

  private static void stageByAmqp(TestGateway gateway, String id, byte[] octets)
      throws JMSException {
    var factory =
        new org.apache.qpid.jms.JmsConnectionFactory(
            "shop", "shop", "amqp://127.0.0.1:" + gateway.brokerPort());
    try (Connection connection = factory.createConnection();
        Session session = connection.createSession();
        var producer = session.createProducer(session.createQueue(STAGE))) {
      BytesMessage file = session.createBytesMessage();
      file.setStringProperty("attachmentId", id);
      file.writeBytes(octets);
      producer.send(file);
    }
  }

  private static void stageByOpenWire(TestGateway gateway, String id, byte[] octets)
      throws Exception {
    var factory =
        new org.apache.activemq.ActiveMQConnectionFactory(
            "shop", "shop", "tcp://127.0.0.1:" + gateway.brokerPort());
    javax.jms.Connection connection = factory.createConnection();
    try {
      connection.start();
      javax.jms.Session session = connection.createSession(false, 1);
      javax.jms.BytesMessage file = session.createBytesMessage();
      file.setStringProperty("attachmentId", id);
      file.writeBytes(octets);
      session.createProducer(session.createQueue(STAGE)).send(file);
    } finally {
      connection.close();
    }
  }

  private static String file(String name, String id) {
    return "{\"name\": \"" + name + "\", \"staged\": \"" + id + "\"}";
  }

  private static String json(String to, String... files) {
    return """
    {"from": "a@sender.example", "to": "%s@dest.example", "subject": "Files", "text": "hello",
     "attachments": [%s]}
    """
        .formatted(to, String.join(",", files));
  }

  private static void submit(Session session, String to, String... files) throws JMSException {
    send(session, session.createTextMessage(json(to, files)));
  }

  private static void submitAs(TestGateway gateway, String user, String to, String... files)
      throws Exception {
    try (Connection connection = gateway.application(user, user);
        Session session = connection.createSession()) {
      submit(session, to, files);
    }
  }

  private static void send(Session session, TextMessage mail) throws JMSException {
    mail.setStringProperty("format", "json");
    try (var producer = session.createProducer(session.createQueue("mail.submit"))) {
      producer.send(mail);
    }
  }

  /** What it is answered: {@code accepted ID}, or why it is refused. */
  private static String ask(Session session, String json) throws JMSException {
    Queue answers = session.createTemporaryQueue();
    TextMessage mail = session.createTextMessage(json);
    mail.setJMSReplyTo(answers);
    send(session, mail);
    try (MessageConsumer consumer = session.createConsumer(answers)) {
      Message answer = consumer.receive(ANSWER_MILLIS);
      assertThat(answer).isNotNull();
      return answer.getStringProperty("status").equals("accepted")
          ? "accepted " + answer.getStringProperty("mailId")
          : answer.getStringProperty("reply");
    }
  }

  // What arrives.

  private static byte[] octets(int size) {
    byte[] octets = new byte[size];
    new Random(size).nextBytes(octets);
    return octets;
  }

  private static List<Entity> parts(Remote.Received mail) throws IOException {
    var message = new DefaultMessageBuilder().parseMessage(new ByteArrayInputStream(mail.data()));
    assertThat(message.getMimeType()).isEqualTo("multipart/mixed");
    return ((Multipart) message.getBody()).getBodyParts();
  }

  private static byte[] body(Entity part) throws IOException {
    try (InputStream in = ((SingleBody) part.getBody()).getInputStream()) {
      return in.readAllBytes();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
