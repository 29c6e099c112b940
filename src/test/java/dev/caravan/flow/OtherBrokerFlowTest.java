package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.camel.check.Provided;
import dev.caravan.camel.check.RoutesCheck;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The routes of {@code src/docs/brokers.md}, as they stand there, on brokers of other people. */
final class OtherBrokerFlowTest {
  private static final long ANSWER_MILLIS = 60_000;
  private static final Pattern TO = Pattern.compile("\nTo: (g\\d)-(\\d+)@dest");
  private static final String RAW =
      "From: a@shop.example\r\nTo: raw@dest.example\r\nSubject: octets\r\n\r\n\u00e4\r\n";

  @TempDir Path temp = Path.of("");

  private final Remote remote = new Remote();

  @AfterEach
  void stop() {
    remote.close();
  }

  private OtherBroker broker(String kind) throws Exception {
    return kind.equals("artemis")
        ? OtherBroker.artemis(temp.resolve("theirs"))
        : OtherBroker.classic(kind);
  }

  /** The shipped routes and those of the page, with this port for that of their broker. */
  private Map<String, String> options(String kind, int port) throws Exception {
    Path dir = TestGateway.copyRoutes(temp.resolve("routes"));
    List<String> files =
        Pattern.compile("(?ms)^```xml\n(.*?)^```$")
            .matcher(Files.readString(Path.of("src/docs/brokers.md")))
            .results()
            .map(m -> m.group(1))
            .toList();
    assertThat(files).hasSize(3);
    Files.writeString(dir.resolve("their-mail.xml"), files.get(0));
    Files.writeString(
        dir.resolve("their-broker.xml"),
        files
            .get(kind.equals("artemis") ? 1 : 2)
            .replace("broker.example:61616", "127.0.0.1:" + port)
            .replace("{{env:THEIR_PASSWORD}}", "secret")
            .replace("{{caravan.config-dir}}/activemq", OtherBroker.classicJars().toString()));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.routes-dir", dir.toString());
    options.put("caravan.shutdown.timeout", "3s");
    return options;
  }

  private TestGateway start(String kind, int port) throws Exception {
    return start(kind, port, Map.of());
  }

  private TestGateway start(String kind, int port, Map<String, String> more) throws Exception {
    Map<String, String> options = options(kind, port);
    options.putAll(more);
    return TestGateway.start(temp.resolve("data"), options);
  }

  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic"})
  void theCheckFindsNothing(String kind) throws Exception {
    Map<String, String> options = options(kind, 61616);
    assertThat(
            new RoutesCheck(
                    temp,
                    TestGateway.settings(temp.resolve("data"), options).placeholders(),
                    Provided.BEANS)
                .problems(temp.resolve("routes")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic5", "classic6"})
  void eachFormatArrivesOnceAndIsAnswered(String kind) throws Exception {
    try (OtherBroker broker = broker(kind);
        TestGateway gateway = start(kind, broker.port());
        Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
      connection.start();
      MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"));
      MessageConsumer answers = session.createConsumer(session.createQueue("SHOP.ANSWERS"));

      TextMessage text = text(session, "text@dest.example", "Gr\u00fc\u00dfe");
      text.setStringProperty("CamelJmsDestinationName", "mail.out");
      text.setStringProperty("notify", "delivered");
      text.setJMSReplyTo(session.createQueue("SHOP.ANSWERS"));
      text.setJMSCorrelationID("order 4711");
      producer.send(text);
      assertThat(answer(answers, "accepted", "order 4711")).as("has a key").startsWith("K");
      assertThat(remote.take().to()).containsExactly("text@dest.example");
      answer(answers, "delivered", "order 4711");

      BytesMessage bytes = session.createBytesMessage();
      bytes.writeBytes(RAW.getBytes(StandardCharsets.UTF_8));
      bytes.setJMSReplyTo(session.createQueue("SHOP.ANSWERS"));
      producer.send(bytes);
      answer(answers, "accepted", bytes.getJMSMessageID());
      assertThat(remote.take().text()).endsWith(RAW);

      MapMessage map = session.createMapMessage();
      map.setString("from", "a@shop.example");
      map.setString("to", "map@dest.example");
      map.setString("subject", "map");
      map.setString("text", "See the list");
      map.setBytes("list.csv", "a;b".getBytes(StandardCharsets.US_ASCII));
      producer.send(map);
      Remote.Received received = remote.take();
      assertThat(received.to()).containsExactly("map@dest.example");
      assertThat(received.text()).contains("list.csv");
      assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
      assertThat(remote.received()).isEmpty();
      assertThat(answers.receiveNoWait()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic5", "classic6"})
  void whatIsNoMailIsInNobodysWay(String kind) throws Exception {
    try (OtherBroker broker = broker(kind);
        TestGateway gateway = start(kind, broker.port());
        Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
      connection.start();
      MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"));
      TextMessage bad = text(session, "no address", "x");
      bad.setJMSReplyTo(session.createQueue("SHOP.ANSWERS"));
      bad.setJMSCorrelationID("bad");
      producer.send(bad);
      producer.send(session.createObjectMessage("an object"));
      Message empty = session.createMessage();
      empty.setJMSReplyTo(session.createTopic("SHOP.ANSWERS"));
      producer.send(empty);
      TextMessage nobodys = text(session, "topic@dest.example", "x");
      nobodys.setJMSReplyTo(session.createTopic("SHOP.ANSWERS"));
      producer.send(nobodys);
      TextMessage elsewhere = text(session, "elsewhere@dest.example", "x");
      elsewhere.setJMSReplyTo(session.createQueue("PAYROLL"));
      producer.send(elsewhere);

      assertThat(Stream.of(remote.take(), remote.take()).map(Remote.Received::to))
          .containsExactlyInAnyOrder(
              List.of("topic@dest.example"), List.of("elsewhere@dest.example"));
      MessageConsumer answers = session.createConsumer(session.createQueue("SHOP.ANSWERS"));
      answer(answers, "rejected", "bad");
      assertThat(gateway.awaitCount("mail.rejected", 1)).isEqualTo(1);
      MessageConsumer aside = session.createConsumer(session.createQueue("MAIL.REJECTED"));
      assertThat(aside.receive(ANSWER_MILLIS)).isInstanceOf(jakarta.jms.ObjectMessage.class);
      assertThat(aside.receive(ANSWER_MILLIS)).isNotNull();
      assertThat(gateway.awaitCount("mail.answers", 0)).isZero();
      assertThat(session.createConsumer(session.createQueue("PAYROLL")).receiveNoWait()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic5", "classic6"})
  void priorityIsCarriedOver(String kind) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    remote.answers(address -> wait(release) ? "250 2.1.5 Ok" : "450 4.2.0 Not now");
    Map<String, String> more =
        Map.of("caravan.site.concurrency", "1", "caravan.retry.greylist", "0s");
    String lane = "mail.out.127.0.0.1:" + remote.port();
    try (OtherBroker broker = broker(kind);
        TestGateway gateway = start(kind, broker.port(), more);
        Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"))) {
      // One is being delivered, the next is in the hand of the lane's worker.
      producer.send(text(session, "first@dest.example", "x"));
      producer.send(text(session, "second@dest.example", "x"));
      assertThat(gateway.awaitCount(lane, 1)).isEqualTo(1);
      List<String> urgency = List.of("low", "normal", "high");
      for (int i = 0; i < urgency.size(); i++) {
        producer.setPriority(List.of(0, Message.DEFAULT_PRIORITY, 9).get(i));
        producer.send(text(session, urgency.get(i) + "@dest.example", "x"));
      }
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

  private static boolean wait(CountDownLatch latch) {
    try {
      return latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic5", "classic6"})
  void expirationIsCarriedOver(String kind) throws Exception {
    remote.answers(address -> address.startsWith("late") ? "450 4.2.0 Not now" : "250 2.1.5 Ok");
    try (OtherBroker broker = broker(kind);
        TestGateway gateway = start(kind, broker.port());
        Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"))) {
      connection.start();
      MessageConsumer answers = session.createConsumer(session.createQueue("SHOP.ANSWERS"));
      TextMessage late = text(session, "late@dest.example", "x");
      late.setStringProperty("notify", "expired");
      late.setJMSReplyTo(session.createQueue("SHOP.ANSWERS"));
      late.setJMSCorrelationID("late");
      producer.setTimeToLive(10_000);
      producer.send(late);
      answer(answers, "accepted", "late");
      Message expired = answers.receive(ANSWER_MILLIS);
      assertThat(expired).isNotNull();
      assertThat(expired.getStringProperty("status")).isEqualTo("expired");
      assertThat(expired.getStringProperty("reply")).contains("4.4.7", "450 4.2.0 Not now");
      assertThat(remote.take().from()).as("the report").isEmpty();
      assertThat(gateway.awaitCount("mail.out", 0)).isZero();
    }
  }

  /** 40 of each of five groups, in turn; eight consumers take them in. */
  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic5", "classic6"})
  void theOrderOfAGroupIsCarriedOver(String kind) throws Exception {
    int groups = 5;
    int each = 40;
    try (OtherBroker broker = broker(kind);
        TestGateway gateway = start(kind, broker.port(), Map.of("caravan.jms.consumers", "8"));
        Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"))) {
      // They wait where they are put when they are taken in.
      String tomorrow = Instant.now().plus(Duration.ofDays(1)).toString();
      for (int i = 0; i < groups * each; i++) {
        TextMessage mail = text(session, "g" + i % groups + "-" + i / groups + "@dest.example", "");
        mail.setStringProperty("JMSXGroupID", "g" + i % groups);
        mail.setStringProperty("sendAt", tomorrow);
        producer.send(mail);
      }
      session.commit();
      String held = "mail.hold.6h";
      assertThat(gateway.awaitCount(held, groups * each)).isEqualTo(groups * each);
      Map<String, List<Integer>> orders = gateway.orders(held, TO);
      assertThat(orders).hasSize(groups);
      assertThat(orders.values())
          .allSatisfy(
              order ->
                  assertThat(order)
                      .hasSizeGreaterThan(1)
                      .isEqualTo(IntStream.range(order.getFirst(), each).boxed().toList()));
    }
  }

  /** The send waits for room, and the transaction that took the message with it. */
  @Test
  void whileOurDiskIsFullTheirMailWaitsWithThem() throws Exception {
    FileStore store = Files.getFileStore(temp);
    long used = store.getTotalSpace() - store.getUsableSpace();
    assumeTrue(used * 50 > store.getTotalSpace(), "less than 2 % of the disk are used");
    int mails = 50;
    try (OtherBroker broker = broker("artemis")) {
      try (TestGateway gateway =
          start("artemis", broker.port(), Map.of("caravan.broker.disk-max", "1"))) {
        gateway.awaitFull();
        send(broker, mails);
        // What the gateway has in hand no browser sees.
        await(() -> waiting(broker) < mails);
        assertThat(gateway.count("mail.submit")).isZero();
      }
      assertThat(waiting(broker)).isEqualTo(mails);
      assertThat(remote.received()).isEmpty();
      try (TestGateway gateway = start("artemis", broker.port())) {
        arriveOnce(gateway, new TreeSet<>(), mails);
      }
    }
  }

  private static int waiting(OtherBroker broker) throws Exception {
    try (Connection connection = broker.factory().createConnection();
        Session session = connection.createSession();
        QueueBrowser browser = session.createBrowser(session.createQueue("MAIL.OUT"))) {
      connection.start();
      return Collections.list(browser.getEnumeration()).size();
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    Instant end = Instant.now().plusSeconds(60);
    while (!condition.call()) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(20);
    }
  }

  /** Its journal stays; its connections go in the middle of whatever they do. */
  @Test
  void theirBrokerStartsAgainInTheMiddle() throws Exception {
    int mails = 300;
    OtherBroker broker = broker("artemis");
    try (Cable cable = new Cable(broker.port())) {
      send(broker, mails);
      try (TestGateway gateway = start("artemis", cable.port())) {
        Set<String> seen = new TreeSet<>(remote.take().to());
        for (int i = 0; i < 2; i++) {
          cable.cut();
          broker.close();
          broker = broker("artemis");
          cable.mend(broker.port());
          seen.addAll(remote.take().to());
        }
        arriveOnce(gateway, seen, mails);
      }
    } finally {
      broker.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"artemis", "classic6"})
  void theGatewayStartsAgainInTheMiddle(String kind) throws Exception {
    int mails = 300;
    try (OtherBroker broker = broker(kind)) {
      send(broker, mails);
      Set<String> seen = new TreeSet<>();
      try (TestGateway gateway = start(kind, broker.port())) {
        seen.addAll(remote.take().to());
      }
      try (TestGateway gateway = start(kind, broker.port())) {
        arriveOnce(gateway, seen, mails);
      }
    }
  }

  /** The application's own key counts before that of the message. */
  @Test
  void whatTheApplicationSendsAgainIsNoSecondMail() throws Exception {
    try (OtherBroker broker = broker("artemis");
        TestGateway gateway = start("artemis", broker.port());
        Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
      connection.start();
      MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"));
      MessageConsumer answers = session.createConsumer(session.createQueue("SHOP.ANSWERS"));
      String first = "";
      for (int i = 0; i < 2; i++) {
        TextMessage text = text(session, "once@dest.example", "x");
        text.setStringProperty("mailKey", "order-1");
        text.setJMSReplyTo(session.createQueue("SHOP.ANSWERS"));
        text.setJMSCorrelationID("c" + i);
        producer.send(text);
        String id = answer(answers, "accepted", "c" + i);
        first = i == 0 ? id : first;
        assertThat(id).startsWith("K").isEqualTo(first);
      }
      producer.send(text(session, "last@dest.example", "x"));
      assertThat(remote.take().to()).containsExactly("once@dest.example");
      assertThat(remote.take().to()).containsExactly("last@dest.example");
    }
  }

  private static void send(OtherBroker broker, int mails) throws Exception {
    try (Connection connection = broker.factory().createConnection();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("MAIL.OUT"))) {
      for (int i = 0; i < mails; i++) {
        producer.send(text(session, "b" + i + "@dest.example", "x"));
      }
      session.commit();
    }
  }

  private void arriveOnce(TestGateway gateway, Set<String> seen, int mails) throws Exception {
    Set<String> doubles = new TreeSet<>();
    while (seen.size() < mails) {
      remote.take().to().stream().filter(to -> !seen.add(to)).forEach(doubles::add);
    }
    assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
    assertThat(gateway.awaitCount("mail.out", 0)).isZero();
    assertThat(doubles).isEmpty();
    assertThat(remote.received()).isEmpty();
    assertThat(seen)
        .isEqualTo(
            IntStream.range(0, mails)
                .mapToObj(i -> "b" + i + "@dest.example")
                .collect(Collectors.toSet()));
  }

  private static TextMessage text(Session session, String to, String text) throws Exception {
    TextMessage mail = session.createTextMessage(text);
    mail.setStringProperty("from", "a@shop.example");
    mail.setStringProperty("to", to);
    mail.setStringProperty("subject", "test");
    return mail;
  }

  /** The mail's id. */
  private static String answer(MessageConsumer answers, String status, String correlation)
      throws Exception {
    Message answer = answers.receive(ANSWER_MILLIS);
    assertThat(answer).isNotNull();
    assertThat(answer.getStringProperty("status")).isEqualTo(status);
    assertThat(answer.getJMSCorrelationID()).isEqualTo(correlation);
    return String.valueOf(answer.getStringProperty("mailId"));
  }
}
