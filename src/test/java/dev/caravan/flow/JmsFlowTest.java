package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail in over JMS, from a client of each protocol. */
final class JmsFlowTest {
  @TempDir Path data;
  private Remote remote;
  private TestGateway gateway;
  private String user;
  private String password;

  @BeforeEach
  void start() throws Exception {
    remote = new Remote();
    gateway = TestGateway.start(data, TestGateway.smarthost(remote));
    user = gateway.credentials().get(0);
    password = gateway.credentials().get(1);
  }

  @AfterEach
  void stop() {
    gateway.close();
    remote.close();
  }

  @Test
  void stomp() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.brokerPort())) {
      OutputStream out = socket.getOutputStream();
      frame(
          out,
          "CONNECT\naccept-version:1.2\nhost:x\nlogin:" + user + "\npasscode:" + password + "\n\n");
      frame(
          out,
          "SEND\n"
              + "destination:mail.submit\n"
              + "from:a@sender.example\n"
              + "to:b@dest.example\n"
              + "subject:Grüße\n\n"
              + "Hallo wörld");
      Remote.Received got = remote.take();
      assertThat(got.to()).containsExactly("b@dest.example");
      assertThat(got.text()).contains("Subject: =?").contains("SGFsbG8gd8O2cmxk");
    }
  }

  private static void frame(OutputStream out, String text) throws Exception {
    out.write((text + "\0").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Test
  void amqp() throws Exception {
    jakarta(
        () -> new JmsConnectionFactory(user, password, "amqp://127.0.0.1:" + gateway.brokerPort()));
  }

  @Test
  void core() throws Exception {
    jakarta(
        () ->
            new ActiveMQConnectionFactory(
                "tcp://127.0.0.1:" + gateway.brokerPort(), user, password));
  }

  /** Raw octets, a text with properties and a map; an answer; a transaction rolled back. */
  private void jakarta(Supplier<jakarta.jms.ConnectionFactory> factory) throws Exception {
    try (jakarta.jms.Connection connection = factory.get().createConnection();
        jakarta.jms.Session session = connection.createSession(true, 0)) {
      connection.start();
      jakarta.jms.MessageProducer producer =
          session.createProducer(session.createQueue("mail.submit"));
      jakarta.jms.TextMessage rolledBack = session.createTextMessage("never");
      rolledBack.setStringProperty("from", "a@sender.example");
      rolledBack.setStringProperty("to", "rolledback@dest.example");
      producer.send(rolledBack);
      session.rollback();

      jakarta.jms.BytesMessage raw = session.createBytesMessage();
      raw.writeBytes("Subject: raw\r\n\r\n.body\r\n".getBytes(StandardCharsets.UTF_8));
      raw.setStringProperty("mailFrom", "a@sender.example");
      raw.setStringProperty("rcptTo", "raw@dest.example, other@dest.example");
      jakarta.jms.TemporaryQueue answers = session.createTemporaryQueue();
      raw.setJMSReplyTo(answers);
      raw.setJMSCorrelationID("c-1");
      producer.send(raw);
      jakarta.jms.MapMessage map = session.createMapMessage();
      map.setString("from", "a@sender.example");
      map.setString("to", "map@dest.example");
      map.setString("subject", "map");
      map.setString("text", "a map's text");
      producer.send(map);
      session.commit();

      List<Remote.Received> two = List.of(remote.take(), remote.take());
      assertThat(two)
          .extracting(r -> String.join(",", r.to()))
          .containsExactlyInAnyOrder("raw@dest.example,other@dest.example", "map@dest.example");
      assertThat(two.stream().filter(r -> r.to().size() == 2).findFirst().orElseThrow().text())
          .startsWith("Message-ID: ".substring(0, 0))
          .endsWith("Subject: raw\r\n\r\n.body\r\n");
      jakarta.jms.Message answer = session.createConsumer(answers).receive(60_000);
      assertThat(answer.getStringProperty("status")).isEqualTo("accepted");
      assertThat(answer.getJMSCorrelationID()).isEqualTo("c-1");
      assertThat(answer.getStringProperty("mailId")).isNotEmpty();
      session.commit();
    }
  }

  @Test
  void openWire() throws Exception {
    var factory =
        new org.apache.activemq.ActiveMQConnectionFactory(
            user, password, "tcp://127.0.0.1:" + gateway.brokerPort());
    javax.jms.Connection connection = factory.createConnection();
    try {
      connection.start();
      javax.jms.Session session =
          connection.createSession(false, javax.jms.Session.AUTO_ACKNOWLEDGE);
      javax.jms.TextMessage text = session.createTextMessage("Hello over OpenWire");
      text.setStringProperty("from", "Ann Bée <a@sender.example>");
      text.setStringProperty("to", "b@dest.example");
      text.setStringProperty("bcc", "hidden@dest.example");
      text.setStringProperty("subject", "OpenWire");
      session.createProducer(session.createQueue("mail.submit")).send(text);
      Remote.Received got = remote.take();
      assertThat(got.to()).containsExactly("b@dest.example", "hidden@dest.example");
      assertThat(got.text()).contains("Subject: OpenWire").doesNotContain("hidden");
    } finally {
      connection.close();
    }
  }

  @Test
  void whatIsNoMailGoesToRejectedWithItsReason() throws Exception {
    var factory =
        new ActiveMQConnectionFactory("tcp://127.0.0.1:" + gateway.brokerPort(), user, password);
    try (jakarta.jms.Connection connection = factory.createConnection();
        jakarta.jms.Session session = connection.createSession()) {
      connection.start();
      jakarta.jms.MessageProducer producer =
          session.createProducer(session.createQueue("mail.submit"));
      jakarta.jms.MessageConsumer rejected =
          session.createConsumer(session.createQueue("mail.rejected"));

      producer.send(session.createObjectMessage("an object"));
      assertThat(rejected.receive(60_000).getStringProperty("rejectReason"))
          .contains("is no mail: send a BytesMessage");

      jakarta.jms.TextMessage nobody = session.createTextMessage("text");
      nobody.setStringProperty("from", "a@sender.example");
      nobody.setStringProperty("to", "");
      producer.send(nobody);
      jakarta.jms.TextMessage back = (jakarta.jms.TextMessage) rejected.receive(60_000);
      assertThat(back.getText()).isEqualTo("text");
      assertThat(back.getStringProperty("rejectReason")).contains("no recipients");

      jakarta.jms.TextMessage injected = session.createTextMessage("text");
      injected.setStringProperty("from", "a@sender.example");
      injected.setStringProperty("to", "b@dest.example");
      injected.setStringProperty("subject", "x\r\nBcc: evil@dest.example");
      producer.send(injected);
      assertThat(rejected.receive(60_000).getStringProperty("rejectReason"))
          .contains("subject has a line break");

      jakarta.jms.TextMessage good = session.createTextMessage("good");
      good.setStringProperty("from", "a@sender.example");
      good.setStringProperty("to", "b@dest.example");
      producer.send(good);
      assertThat(remote.take().to()).containsExactly("b@dest.example");
    }
  }
}
