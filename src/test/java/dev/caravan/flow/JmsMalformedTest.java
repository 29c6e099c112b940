package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Malformed messages of every kind, by a seed: each ends in {@code mail.rejected} with a reason,
 * none is lost, and good ones are served between them. {@code -Dcaravan.malformed=10000} sends more
 * than the default.
 */
final class JmsMalformedTest {
  private static final int COUNT = Integer.getInteger("caravan.malformed", 1_000);
  private static final long SEED = Long.getLong("caravan.malformed.seed", 42);
  private static final int GOOD_EVERY = 50;
  private static final int TOGETHER = 25;
  private static final long WAIT_MILLIS = 60_000;
  private static final int KINDS = 16;

  /** Beyond what is in use before, when all that is garbage is gone. */
  private static final long MORE_MEMORY_MAX = 100L * 1024 * 1024;

  private final Random random = new Random(SEED);

  @TempDir Path data;

  @Test
  void eachIsRejectedAndGoodOnesPass() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote))) {
      List<String> own = gateway.credentials();
      String at = "://127.0.0.1:" + gateway.brokerPort();
      List<ConnectionFactory> factories =
          List.of(new ActiveMQConnectionFactory("tcp" + at), new JmsConnectionFactory("amqp" + at));
      Map<String, Integer> reasons = new HashMap<>();
      long before = used();
      for (int p = 0; p < factories.size(); p++) {
        try (Connection connection = factories.get(p).createConnection(own.get(0), own.get(1));
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
          connection.start();
          MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
          MessageConsumer rejected = session.createConsumer(session.createQueue("mail.rejected"));
          List<String> waiting = new ArrayList<>();
          for (int i = 0; i < COUNT / factories.size(); i++) {
            Message message = malformed(session, i % KINDS);
            message.setJMSCorrelationID(p + "-" + i % KINDS + "-" + i);
            producer.send(message);
            waiting.add(message.getJMSCorrelationID());
            if (i % GOOD_EVERY == 0) {
              producer.send(good(session));
            }
            if (waiting.size() == TOGETHER) {
              session.commit();
              take(session, rejected, waiting, reasons);
            }
          }
          session.commit();
          take(session, rejected, waiting, reasons);
        }
      }
      int good = factories.size() * Math.ceilDiv(COUNT / factories.size(), GOOD_EVERY);
      for (int i = 0; i < good; i++) {
        assertThat(remote.take().text()).contains("Subject: good\r\n");
      }
      assertThat(remote.received()).isEmpty();
      assertThat(gateway.count("mail.submit")).isZero();
      assertThat(reasons.values().stream().mapToInt(Integer::intValue).sum())
          .isEqualTo(COUNT / factories.size() * factories.size());
      assertThat(reasons).hasSizeGreaterThan(5);
      assertThat(used() - before).isLessThan(MORE_MEMORY_MAX);
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void take(
      Session session, MessageConsumer rejected, List<String> waiting, Map<String, Integer> reasons)
      throws Exception {
    while (!waiting.isEmpty()) {
      Message message = rejected.receive(WAIT_MILLIS);
      assertThat(message).as("not rejected: " + waiting).isNotNull();
      String reason = message.getStringProperty("rejectReason");
      assertThat(reason).isNotBlank();
      assertThat(message.getStringProperty("rejectCode")).startsWith("5");
      assertThat(waiting.remove(message.getJMSCorrelationID()))
          .as(message.getJMSCorrelationID())
          .isTrue();
      reasons.merge(reason.replaceAll("[:/].*", ""), 1, Integer::sum);
      session.commit();
    }
  }

  private static Message good(Session session) throws Exception {
    TextMessage good = session.createTextMessage("text");
    good.setStringProperty("from", "a@sender.example");
    good.setStringProperty("to", "b@dest.example");
    good.setStringProperty("subject", "good");
    return good;
  }

  private Message malformed(Session session, int kind) throws Exception {
    return switch (kind) {
      case 0 -> session.createObjectMessage(new ArrayList<>(List.of("x")));
      case 1 -> {
        StreamMessage stream = session.createStreamMessage();
        stream.writeInt(random.nextInt());
        yield stream;
      }
      case 2 -> octets(session, random.nextInt(20_000));
      case 3 -> session.createTextMessage("{" + garbage(200));
      case 4 -> session.createTextMessage("{\"from\":{\"a\":[1]},\"to\":" + random.nextInt() + "}");
      case 5 -> with(good(session), "subject", "x\r\nBcc: " + garbage(20));
      case 6 -> with(good(session), "to", garbage(30));
      case 7 -> with(good(session), "from", "<" + garbage(30));
      case 8 ->
          with(
              good(session),
              "to",
              IntStream.range(0, 1_001 + random.nextInt(2_000))
                  .mapToObj(n -> "b" + n + "@dest.example")
                  .collect(Collectors.joining(",")));
      case 9 -> {
        MapMessage map = session.createMapMessage();
        map.setDouble("from", random.nextDouble());
        map.setBytes("to", new byte[random.nextInt(100)]);
        map.setString(garbage(10) + "x", garbage(10));
        yield map;
      }
      case 10 -> with(good(session), "format", garbage(10) + "!");
      case 11 -> with(good(session), "sendAt", garbage(10) + "!");
      case 12 -> with(good(session), "notify", garbage(10) + "!");
      case 13 -> with(octets(session, 100), "mailFrom", garbage(20) + "<");
      case 14 -> {
        // What JMS has no type for, but its message has.
        Message message = session.createTextMessage(garbage(50));
        if (message instanceof ActiveMQMessage core) {
          core.getCoreMessage().putBytesProperty("octets", new byte[] {1, 2, 3});
          core.getCoreMessage().putStringProperty("not a name\n", "x");
        }
        message.setStringProperty("mailKey", "k".repeat(251 + random.nextInt(1_000)));
        yield message;
      }
      default -> with(session.createMessage(), "huge", "x".repeat(random.nextInt(300_000)));
    };
  }

  private BytesMessage octets(Session session, int length) throws Exception {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    BytesMessage message = session.createBytesMessage();
    // No field of a header begins so.
    message.writeBytes(new byte[] {0, ' '});
    message.writeBytes(octets);
    return message;
  }

  private static <M extends Message> M with(M message, String name, String value) throws Exception {
    message.setStringProperty(name, value);
    return message;
  }

  /** Never an address. */
  private String garbage(int length) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return new String(octets, StandardCharsets.ISO_8859_1).replace('@', '?') + "\u0000";
  }
}
