package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process with 512 MB of heap, killed without warning again and again: what an application
 * has submitted is a mail once, whatever was being done with it. The whole of it: {@code
 * -Dcaravan.jms-kill.mails=10000 -Dcaravan.jms-kill.kills=20 -Dcaravan.jms-kill.fan-out=100000}.
 *
 * <p>The mails are for later, so that each can be counted where it waits.
 */
final class JmsKillTest {
  private static final int MAILS = Integer.getInteger("caravan.jms-kill.mails", 1_000);
  private static final int KILLS = Integer.getInteger("caravan.jms-kill.kills", 3);
  private static final int FAN_OUT = Integer.getInteger("caravan.jms-kill.fan-out", 2_000);
  private static final int FAN_OUT_KILLS = Integer.getInteger("caravan.jms-kill.fan-out-kills", 2);
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final String STEP = "mail.hold.6h";

  @TempDir Path data;

  private final Map<String, String> options = new HashMap<>();
  private final String later = Instant.now().plus(Duration.ofHours(12)).toString();

  @BeforeEach
  void prepare() throws IOException {
    Admin.token(data);
    Path templates = Files.createDirectories(data.resolve("templates"));
    Files.writeString(templates.resolve("offer.txt"), "Dear {{name}}\n");
    Files.writeString(templates.resolve("offer.subject"), "For {{name}}\n");
    options.put("caravan.templates-dir", templates.toString());
    options.put("caravan.http.port", "0");
    options.put("caravan.broker.port", "0");
  }

  @Test
  void aSubmissionIsOneMailHoweverOftenTheGatewayIsKilled() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    for (int kill = 1; kill <= KILLS; kill++) {
      int from = sent.get();
      int until = MAILS * kill / KILLS;
      try (GatewayProcess gateway = GatewayProcess.start(data, options)) {
        Thread sender = Thread.startVirtualThread(() -> submit(gateway, sent, until));
        // In the middle of its share: submissions are being sent, and taken in.
        int middle = from + (until - from) / 2;
        await(() -> sent.get(), n -> n >= middle || !sender.isAlive());
        gateway.kill();
        sender.join();
      }
    }
    try (GatewayProcess last = GatewayProcess.start(data, options)) {
      submit(last, sent, MAILS);
      assertThat(sent).hasValue(MAILS);
      Map<String, Integer> seen = settled(last, MAILS);
      System.out.printf("%d submissions, %d kills: %s%n", MAILS, KILLS, summary(seen));
      assertThat(seen).hasSize(MAILS).allSatisfy((to, count) -> assertThat(count).isEqualTo(1));
    }
  }

  /**
   * Sends one after the other from where it was. What got no confirmation is sent again by the next
   * call, as an application does, and its key makes it one mail.
   */
  private void submit(GatewayProcess gateway, AtomicInteger sent, int until) {
    try (Connection connection = connect(gateway);
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      while (sent.get() < until) {
        TextMessage text = session.createTextMessage("hello");
        text.setStringProperty("from", "a@sender.example");
        text.setStringProperty("to", "m" + sent.get() + "@dest.example");
        text.setStringProperty("mailKey", "m" + sent.get());
        text.setStringProperty("sendAt", later);
        producer.send(text);
        sent.incrementAndGet();
      }
    } catch (JMSException e) {
      // the gateway was killed
    }
  }

  @Test
  void toManyIsOneMailForEachRecipient() throws Exception {
    try (GatewayProcess first = GatewayProcess.start(data, options)) {
      sendToMany(first);
    }
    int made = 0;
    for (int kill = 1; kill <= FAN_OUT_KILLS; kill++) {
      try (GatewayProcess gateway = GatewayProcess.start(data, options);
          Admin admin = new Admin(gateway.port("http"))) {
        int wanted = Math.max(made + 1, FAN_OUT * kill / (FAN_OUT_KILLS + 1));
        made = await(() -> count(admin, STEP), n -> n >= wanted);
        gateway.kill();
      }
    }
    long begin = System.nanoTime();
    try (GatewayProcess last = GatewayProcess.start(data, options)) {
      Map<String, Integer> seen = settled(last, FAN_OUT);
      System.out.printf(
          "to %d recipients, %d kills, the last with %d made or more; the rest took %d s: %s%n",
          FAN_OUT,
          FAN_OUT_KILLS,
          made,
          Duration.ofNanos(System.nanoTime() - begin).toSeconds(),
          summary(seen));
      assertThat(seen).hasSize(FAN_OUT).allSatisfy((to, count) -> assertThat(count).isEqualTo(1));
    }
  }

  private void sendToMany(GatewayProcess gateway) throws JMSException {
    try (Connection connection = connect(gateway);
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      BytesMessage message = session.createBytesMessage();
      message.setStringProperty("format", "json");
      StringBuilder json = new StringBuilder("{\"from\":\"a@sender.example\",\"sendAt\":\"");
      json.append(later).append("\",\"template\":\"offer\",\"recipients\":[");
      for (int i = 0; i < FAN_OUT; i++) {
        json.append(i == 0 ? "" : ",\n").append("{\"to\":\"m").append(i);
        json.append("@dest.example\",\"data\":{\"name\":\"N").append(i).append("\"}}");
      }
      message.writeBytes(json.append("]}").toString().getBytes(StandardCharsets.UTF_8));
      producer.send(message);
    }
  }

  private Connection connect(GatewayProcess gateway) throws JMSException {
    List<String> user;
    try {
      user =
          Files.readAllLines(data.resolve("broker.credentials")).stream()
              .map(line -> line.substring(line.indexOf('=') + 1))
              .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return new ActiveMQConnectionFactory(
            "tcp://127.0.0.1:" + gateway.port("broker"), user.get(0), user.get(1))
        .createConnection();
  }

  /** By recipient, how many mails there are, when nothing is left to be taken in. */
  private static Map<String, Integer> settled(GatewayProcess gateway, int mails) throws Exception {
    try (Admin admin = new Admin(gateway.port("http"))) {
      await(() -> count(admin, STEP), n -> n >= mails);
      for (String queue : List.of("mail.submit", "mail.fanout", "mail.out")) {
        await(() -> count(admin, queue), n -> n == 0);
      }
      Map<String, Integer> seen = new TreeMap<>();
      for (JsonNode mail : admin.mails("")) {
        seen.merge(mail.path("to").path(0).asText(), 1, Integer::sum);
      }
      return seen;
    }
  }

  private static String summary(Map<String, Integer> seen) {
    int mails = seen.values().stream().mapToInt(n -> n).sum();
    return mails + " mails for " + seen.size() + " recipients";
  }

  private static int count(Admin admin, String queue) throws Exception {
    String name = "caravan_queue_messages{queue=\"" + queue + "\"} ";
    return admin
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElse(0);
  }

  private interface Counter {
    int get() throws Exception;
  }

  private static int await(Counter counter, IntPredicate wanted) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int count = counter.get();
    while (!wanted.test(count)) {
      assertThat(System.nanoTime()).as("%d", count).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      count = counter.get();
    }
    return count;
  }
}
