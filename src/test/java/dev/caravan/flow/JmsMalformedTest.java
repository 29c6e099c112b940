package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Malformed messages of every kind, by a seed, over Core, AMQP, OpenWire and STOMP: each ends in
 * {@code mail.rejected} with a reason, none is lost, and good ones are served between them. {@code
 * -Dcaravan.malformed=10000} sends more than the default.
 */
final class JmsMalformedTest {
  private static final Logger LOG = LoggerFactory.getLogger(JmsMalformedTest.class);
  private static final int COUNT = Integer.getInteger("caravan.malformed", 1_000);
  private static final long SEED = Long.getLong("caravan.malformed.seed", 42);
  private static final int GOOD_EVERY = 20;
  private static final int TOGETHER = 25;
  private static final long WAIT_MILLIS = 60_000;
  private static final int PROTOCOLS = 4;

  /** Beyond what is in use before, when all that is garbage is gone. */
  private static final long MORE_MEMORY_MAX = 100L * 1024 * 1024;

  private final MalformedMessages messages = new MalformedMessages(SEED);
  private final Map<String, Integer> reasons = new HashMap<>();

  private int good;

  @TempDir Path data;

  private static MalformedSender sender(int protocol, TestGateway gateway) throws Exception {
    List<String> user = gateway.credentials();
    int port = gateway.brokerPort();
    String at = "://127.0.0.1:" + port;
    return switch (protocol) {
      case 0 -> new MalformedSender.Jakarta(new ActiveMQConnectionFactory("tcp" + at), user);
      case 1 -> new MalformedSender.Jakarta(new JmsConnectionFactory("amqp" + at), user);
      case 2 -> new MalformedSender.OpenWire(port, user);
      default -> new MalformedSender.Stomp(port, user);
    };
  }

  @Test
  void eachIsRejectedAndGoodOnesPass() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote))) {
      List<String> own = gateway.credentials();
      long before = used();
      try (Connection connection =
              new ActiveMQConnectionFactory("tcp://127.0.0.1:" + gateway.brokerPort())
                  .createConnection(own.get(0), own.get(1));
          Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
        connection.start();
        MessageConsumer rejected = session.createConsumer(session.createQueue("mail.rejected"));
        for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
          try (MalformedSender sender = sender(protocol, gateway)) {
            send(protocol, sender, session, rejected);
          }
        }
      }
      List<String> ends = new ArrayList<>();
      for (int i = 0; i < good; i++) {
        ends.add(MalformedMessages.end(i % MalformedMessages.goods()));
      }
      for (int i = 0; i < good; i++) {
        String text = new String(remote.take().data(), StandardCharsets.ISO_8859_1);
        assertThat(ends.removeIf(new OneThatEnds(text))).as(text).isTrue();
      }
      assertThat(remote.received()).isEmpty();
      assertThat(gateway.count("mail.submit")).isZero();
      assertThat(gateway.count("mail.rejected")).isZero();
      assertThat(reasons.values().stream().mapToInt(Integer::intValue).sum())
          .isEqualTo(COUNT / PROTOCOLS * PROTOCOLS);
      assertThat(reasons).hasSizeGreaterThan(15);
      long more = used() - before;
      LOG.info(
          "{} malformed, {} good between them, {} octets of heap more: {}",
          COUNT,
          good,
          more,
          reasons);
      assertThat(more).isLessThan(MORE_MEMORY_MAX);
    }
  }

  /** Only one of equal ones is taken away. */
  private static final class OneThatEnds implements java.util.function.Predicate<String> {
    private final String text;
    private boolean found;

    OneThatEnds(String text) {
      this.text = text;
    }

    @Override
    public boolean test(String end) {
      boolean is = !found && text.endsWith(end);
      found |= is;
      return is;
    }
  }

  private void send(int protocol, MalformedSender sender, Session session, MessageConsumer rejected)
      throws Exception {
    List<String> waiting = new ArrayList<>();
    for (int i = 0; i < COUNT / PROTOCOLS; i++) {
      int kind = i % MalformedMessages.KINDS;
      String correlation = protocol + "-" + kind + "-" + i;
      sender.send(correlation, messages.malformed(kind));
      waiting.add(correlation);
      if (i % GOOD_EVERY == 0) {
        sender.send("good", MalformedMessages.good(good++ % MalformedMessages.goods()));
      }
      if (waiting.size() == TOGETHER) {
        sender.commit();
        take(session, rejected, waiting);
      }
    }
    sender.commit();
    take(session, rejected, waiting);
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void take(Session session, MessageConsumer rejected, List<String> waiting)
      throws Exception {
    while (!waiting.isEmpty()) {
      Message message = rejected.receive(WAIT_MILLIS);
      assertThat(message).as("not rejected: " + waiting).isNotNull();
      String reason = message.getStringProperty("rejectReason");
      assertThat(reason).isNotBlank();
      assertThat(message.getStringProperty("rejectCode")).startsWith("5");
      assertThat(waiting.remove(message.getJMSCorrelationID()))
          .as(message.getJMSCorrelationID() + ": " + reason)
          .isTrue();
      reasons.merge(reason.replaceAll("^/[^:]*: |(, not |:).*", ""), 1, Integer::sum);
      session.commit();
    }
  }
}
