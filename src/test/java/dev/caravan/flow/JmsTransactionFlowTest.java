package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client's own transaction of a hundred mails: all of them, or none. */
final class JmsTransactionFlowTest {
  private static final int MAILS = 100;
  private static final String STEP = "mail.hold.1h";

  @TempDir Path data;

  /** The mails are for later, so that each can be counted where it waits. */
  @Test
  void committedIsAllAndRolledBackOrKilledIsNone() throws Exception {
    Admin.token(data);
    try (Remote remote = new Remote();
        TestGateway gateway =
            TestGateway.start(data, new HashMap<>(TestGateway.smarthost(remote)));
        Admin admin = new Admin(gateway.httpPort())) {
      List<String> user = gateway.credentials();
      try (Connection connection = connect(gateway.brokerPort(), user.get(0), user.get(1));
          Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
        send(session, "undone");
        session.rollback();
        send(session, "done");
        session.commit();
      }
      killed(gateway.brokerPort(), user);
      // What comes later has passed whatever was before it.
      assertThat(gateway.awaitCount(STEP, MAILS)).isEqualTo(MAILS);
      assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
      assertThat(gateway.count("mail.rejected")).isZero();
      assertThat(admin.mails(""))
          .hasSize(MAILS)
          .allSatisfy(
              mail -> assertThat(mail.path("to").path(0).asText()).isEqualTo("done@dest.example"));
    }
  }

  /** A process that has sent its hundred mails, and is killed before it commits. */
  private static void killed(int port, List<String> user) throws Exception {
    Process client =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                JmsTransactionFlowTest.class.getName(),
                Integer.toString(port),
                user.get(0),
                user.get(1))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.lines().filter("sent"::equals).findFirst()).contains("sent");
    } finally {
      client.destroyForcibly().waitFor();
    }
  }

  /** The client that is killed. */
  public static void main(String[] args) throws Exception {
    try (Connection connection = connect(Integer.parseInt(args[0]), args[1], args[2]);
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
      send(session, "killed");
      System.out.println("sent");
      Thread.sleep(Duration.ofMinutes(5));
    }
  }

  private static void send(Session session, String to) throws JMSException {
    try (MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      for (int i = 0; i < MAILS; i++) {
        TextMessage text = session.createTextMessage("hello");
        text.setStringProperty("from", "a@sender.example");
        text.setStringProperty("to", to + "@dest.example");
        text.setStringProperty("sendAt", Instant.now().plus(Duration.ofHours(2)).toString());
        producer.send(text);
      }
    }
  }

  private static Connection connect(int port, String user, String password) throws JMSException {
    return new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port, user, password)
        .createConnection();
  }
}
