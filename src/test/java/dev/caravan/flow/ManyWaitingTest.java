package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.EmbeddedBroker;
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
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small sister of {@code src/bench/waiting.sh}: very much mail is due when we start. */
final class ManyWaitingTest {
  private static final int MAILS = 20_000;
  private static final long MEMORY = 2 << 20;
  private static final byte[] TEXT =
      ("Subject: waiting\r\n\r\n" + "x".repeat(70) + "\r\n").getBytes(StandardCharsets.US_ASCII);

  @TempDir Path data = Path.of("");

  /** Most of it is paged; all of it arrives once. */
  @Test
  void allThatIsDueArrivesOnce() throws Exception {
    try (Remote remote = new Remote()) {
      fill("127.0.0.1:" + remote.port(), MAILS);
      try (TestGateway gateway = start(remote, Map.of("caravan.broker.memory-max", "2MB"))) {
        assertThat(gateway.smtpPort()).isPositive();
        BitSet arrived = new BitSet(MAILS);
        for (int i = 0; i < MAILS; i++) {
          int n = number(remote.take().to().getFirst());
          assertThat(arrived.get(n)).as("%s came twice", n).isFalse();
          arrived.set(n);
        }
        assertThat(remote.received()).isEmpty();
      }
    }
  }

  /** To a site that takes less than comes back; without room it would stand behind all. */
  @Test
  void aFreshMailDoesNotStandBehindAllThatIsDue() throws Exception {
    int mails = 3_000;
    int before = 600;
    try (Remote remote = new Remote()) {
      fill("127.0.0.1:" + remote.port(), mails);
      Map<String, String> options =
          Map.of("caravan.site.rate", "200/s", "caravan.retry.out-max", "100");
      try (TestGateway gateway = start(remote, options)) {
        int place = -1;
        for (int i = 0; place < 0 && i <= mails; i++) {
          if (i == before) {
            send(gateway, "fresh@dest.example");
          }
          if (remote.take().to().getFirst().startsWith("fresh@")) {
            place = i;
          }
        }
        assertThat(place).isBetween(before, 2 * before);
      }
    }
  }

  private TestGateway start(Remote remote, Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.schedule", "1m,1h");
    options.put("caravan.delivery.workers", "20");
    options.putAll(more);
    return TestGateway.start(data, options);
  }

  private static int number(String recipient) {
    return Integer.parseInt(recipient.substring(1, recipient.indexOf('@')));
  }

  private static void send(TestGateway gateway, String to) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of(to), "\r\nx\r\n")).startsWith("250 ");
    }
  }

  /** As the gateway writes them, into the broker's files, while no gateway runs. */
  private void fill(String site, int mails) throws Exception {
    MailCodec codec = new MailCodec();
    Random random = new Random(1);
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(data, "127.0.0.1", -1, 100, MEMORY, MEMORY / 2))) {
      broker.declare(List.of("mail.retry.1h"));
      try (ClientSessionFactory connection = broker.connect();
          ClientSession session = broker.session(connection, true);
          ClientProducer producer = session.createProducer("mail.retry.1h")) {
        for (int i = 0; i < mails; i++) {
          QueuedMail mail =
              new QueuedMail(
                  MailId.next(Clock.systemUTC(), random),
                  new Envelope(
                      ReversePath.parse("a@sender.example"),
                      List.of(EmailAddress.parse("r" + i + "@dest.example"))),
                  Content.of(TEXT),
                  site,
                  2,
                  Instant.now(),
                  "450 4.2.1 Not now",
                  Origin.Source.SMTP,
                  false);
          ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
          codec.properties(mail).forEach(message::putObjectProperty);
          message.putLongProperty("retryAt", System.currentTimeMillis());
          message.getBodyBuffer().writeBytes(TEXT);
          producer.send(message);
          if (i % 500 == 499) {
            session.commit();
          }
        }
        session.commit();
      }
    }
  }
}
