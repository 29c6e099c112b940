package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeDnsServer;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueuedMail;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sites that are down, in nobody's way; on a broker of the test's own, so that it can look. */
final class FairnessFlowTest {
  private static final String LANE = "mail.out.dead.example";
  private static final RandomGenerator RANDOM = new Random();
  private static final String BUSY = "421 4.3.2 Not now";

  @TempDir Path data;

  private EmbeddedActiveMQ broker;
  private FakeDnsServer dns;
  private CountingRemote good;
  private CountingRemote dead;

  @BeforeEach
  void start() throws Exception {
    ConfigurationImpl stock = new ConfigurationImpl();
    stock.setPersistenceEnabled(false).setSecurityEnabled(false).setJMXManagementEnabled(false);
    stock.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:0");
    broker = new EmbeddedActiveMQ().setConfiguration(stock).start();
    good = new CountingRemote("127.0.0.1", 0);
    dead = new CountingRemote("127.0.1.1", good.port());
    dead.refuses(BUSY);
    dns =
        FakeDnsServer.start()
            .mx("good.example", 10, "mx.good.example")
            .a("mx.good.example", "127.0.0.1")
            .mx("dead.example", 10, "mx.dead.example")
            .a("mx.dead.example", "127.0.1.1");
  }

  @AfterEach
  void stop() throws Exception {
    dns.close();
    good.close();
    dead.close();
    broker.stop();
  }

  private String brokerUrl() {
    NettyAcceptor acceptor =
        (NettyAcceptor) broker.getActiveMQServer().getRemotingService().getAcceptor("tcp");
    return "tcp://127.0.0.1:" + acceptor.getActualPort();
  }

  private TestGateway gateway(String name, Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.put("caravan.delivery.mode", "mx");
    options.put("caravan.mx.port", Integer.toString(good.port()));
    options.put("caravan.mx.refuse-networks", "192.0.2.0/24");
    options.put("caravan.dns.servers", dns.address());
    options.put("caravan.broker.url", brokerUrl());
    options.put("caravan.broker.commit-timeout", "2s");
    options.put("caravan.shutdown.timeout", "2s");
    options.put("caravan.site.lane-idle", "1s");
    options.put("caravan.log.level", "warn");
    options.putAll(more);
    return TestGateway.start(data.resolve(name), options);
  }

  /** As they would be after a restart: the gateway has not seen them yet. */
  private void fill(String domain, int mails, Instant queuedAt) throws Exception {
    try (ServerLocator locator = ActiveMQClient.createServerLocator(brokerUrl());
        ClientSessionFactory factory = locator.createSessionFactory();
        ClientSession session = factory.createSession(false, false)) {
      if (!session.queueQuery(SimpleString.of("mail.out")).isExists()) {
        session.createQueue(
            QueueConfiguration.of("mail.out").setRoutingType(RoutingType.ANYCAST).setDurable(true));
      }
      ClientProducer producer = session.createProducer("mail.out");
      for (int i = 0; i < mails; i++) {
        QueuedMail mail =
            new QueuedMail(
                MailId.next(Clock.systemUTC(), RANDOM),
                new Envelope(
                    ReversePath.parse("a@good.example"),
                    List.of(EmailAddress.parse("b@" + domain))),
                Content.of(new byte[0]),
                domain,
                0,
                queuedAt,
                "",
                Origin.Source.SMTP,
                false);
        ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
        new MailCodec().properties(mail).forEach(message::putObjectProperty);
        message
            .getBodyBuffer()
            .writeBytes("Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
        producer.send(message);
      }
      session.commit();
    }
  }

  private long count(String queue) {
    Queue found = broker.getActiveMQServer().locateQueue(SimpleString.of(queue));
    return found == null ? 0 : found.getMessageCount();
  }

  private static void await(String what, Callable<Boolean> wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (!wanted.call()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      Thread.sleep(20);
    }
  }

  /** By the time of the server: whatever the machine does, attempts can only be further apart. */
  @Test
  void aSiteThatIsDownCostsOneConnectionInAnInterval() throws Exception {
    int mails = 1000;
    fill("dead.example", mails, Instant.now());
    try (TestGateway gateway =
        gateway(
            "one", Map.of("caravan.site.probe-interval", "1s", "caravan.retry.schedule", "1s"))) {
      assertThat(gateway.smtpPort()).isPositive();
      await("five probes", () -> dead.connected().size() >= 12);
      List<Long> connected = dead.connected();
      long gap = Duration.ofMillis(900).toNanos();
      int probes = 0;
      for (int i = connected.size() - 1; i > 0 && probes < 5; i--) {
        if (connected.get(i) - connected.get(i - 1) < gap) {
          break;
        }
        probes++;
      }
      assertThat(connected.size() - probes)
          .as("connections before it was known to be down, of %s", mails)
          .isLessThanOrEqualTo(10);
      assertThat(probes).isGreaterThanOrEqualTo(2);
      assertThat(dead.delivered()).isEmpty();

      dead.welcomes();
      await("one has come", () -> !dead.delivered().isEmpty());
      assertThat(dead.mostOpen()).as("at once when it is back").isLessThanOrEqualTo(6);
      await("all have come", () -> dead.delivered().size() >= mails);
      assertThat(dead.mostOpen()).isLessThanOrEqualTo(20);
      assertThat(dead.delivered()).hasSize(mails);
    }
  }

  /** The good site's mail stands behind them all. */
  @Test
  void aQueueThatIsFullOfOneSitesMailIsClearedForTheOthers() throws Exception {
    int many = 20_000;
    fill("dead.example", many, Instant.now());
    fill("good.example", 100, Instant.now());
    try (TestGateway gateway = gateway("one", Map.of())) {
      assertThat(gateway.smtpPort()).isPositive();
      await("the good mail", () -> good.delivered().size() >= 100);
      assertThat(dead.connected()).hasSizeLessThanOrEqualTo(10);
      await("the rest is in its lane", () -> count(LANE) > many - 20);
      assertThat(count("mail.out")).isLessThan(20);
    }
  }

  /** Nobody has tried them, but their sender hears of them. */
  @Test
  void mailThatGrowsTooOldInALaneIsTold() throws Exception {
    fill("dead.example", 30, Instant.now());
    try (TestGateway gateway =
        gateway(
            "one",
            Map.of(
                "caravan.site.probe-interval", "1h",
                "caravan.retry.schedule", "1s",
                "caravan.retry.warn-after", "0s",
                "caravan.retry.expiry", "5s"))) {
      assertThat(gateway.smtpPort()).isPositive();
      await("the reports", () -> good.delivered().size() >= 30);
      assertThat(dead.connected()).hasSizeLessThanOrEqualTo(10);
      await("it is empty", () -> count(LANE) + count("mail.out") + count("mail.retry.1s") == 0);
      assertThat(good.delivered()).hasSize(30);
    }
  }

  @Test
  void twoNodesShareALaneAndTheOtherTakesItOverAndItGoesInTheEnd() throws Exception {
    int mails = 200;
    fill("dead.example", mails, Instant.now());
    Map<String, String> keys =
        Map.of("caravan.site.probe-interval", "1s", "caravan.retry.schedule", "1s");
    try (TestGateway second = gateway("two", keys)) {
      assertThat(second.smtpPort()).isPositive();
      try (TestGateway first = gateway("one", keys)) {
        assertThat(first.smtpPort()).isPositive();
        await("a lane", () -> count(LANE) > mails - 30);
      }
      dead.welcomes();
      await("all have come", () -> dead.delivered().size() >= mails);
      await("the lane is gone", () -> !exists(LANE));
      assertThat(dead.delivered()).hasSize(mails);
    }
  }

  /** Its node is gone, and no other one has mail for that site. */
  @Test
  void aLaneThatNobodyTakesFromIsTakenOver() throws Exception {
    try (TestGateway gateway = gateway("one", Map.of("caravan.site.lanes", "good.example"))) {
      assertThat(gateway.smtpPort()).isPositive();
      await("a declared lane", () -> exists("mail.out.good.example"));
      try (ServerLocator locator = ActiveMQClient.createServerLocator(brokerUrl());
          ClientSessionFactory factory = locator.createSessionFactory();
          ClientSession session = factory.createSession()) {
        session.createQueue(
            QueueConfiguration.of("mail.out.lost.example")
                .setRoutingType(RoutingType.ANYCAST)
                .setDurable(true));
      }
      fill("good.example", 3, Instant.now());
      await("mail by the declared lane", () -> good.delivered().size() == 3);
      move("mail.out.lost.example");
      await("what was lost", () -> good.delivered().size() == 4);
      await("it is gone", () -> !exists("mail.out.lost.example"));
      assertThat(exists("mail.out.good.example")).isTrue();
    }
  }

  private void move(String queue) throws Exception {
    try (ServerLocator locator = ActiveMQClient.createServerLocator(brokerUrl());
        ClientSessionFactory factory = locator.createSessionFactory();
        ClientSession session = factory.createSession()) {
      QueuedMail mail =
          new QueuedMail(
              MailId.next(Clock.systemUTC(), RANDOM),
              new Envelope(
                  ReversePath.parse("a@good.example"),
                  List.of(EmailAddress.parse("b@good.example"))),
              Content.of(new byte[0]),
              "good.example",
              0,
              Instant.now(),
              "",
              Origin.Source.SMTP,
              false);
      ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
      new MailCodec().properties(mail).forEach(message::putObjectProperty);
      session.createProducer(queue).send(message);
    }
  }

  private boolean exists(String queue) {
    return broker.getActiveMQServer().locateQueue(SimpleString.of(queue)) != null;
  }
}
