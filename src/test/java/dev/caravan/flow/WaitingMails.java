package dev.caravan.flow;

import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueuedMail;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/** Very much mail on one rung, as the gateway writes it, while no gateway runs. */
final class WaitingMails {
  private static final long MEMORY = 2 << 20;
  private static final int TOGETHER = 500;

  /** One in so many has a priority of its own. */
  private static final int URGENT = 97;

  private static final byte[] TEXT =
      ("Subject: waiting\r\n\r\n" + "x".repeat(70) + "\r\n").getBytes(StandardCharsets.US_ASCII);

  private WaitingMails() {}

  /**
   * Puts them on the rung of an hour, for {@code r0@dest.example}, {@code r1@dest.example} …; most
   * are paged.
   *
   * @param delayMillis from now until they are due
   */
  static void fill(Path data, String site, int mails, long delayMillis) throws Exception {
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
          MailOptions options =
              i % URGENT == 0 ? MailOptions.NONE.withPriority(3) : MailOptions.NONE;
          QueuedMail mail =
              new QueuedMail(
                  MailId.next(Clock.systemUTC(), random),
                  new Envelope(
                          ReversePath.parse("a@sender.example"),
                          List.of(EmailAddress.parse("r" + i + "@dest.example")))
                      .withOptions(options),
                  Content.of(TEXT),
                  site,
                  2,
                  Instant.now(),
                  "450 4.2.1 Not now",
                  Origin.Source.SMTP,
                  false);
          ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
          codec.properties(mail).forEach(message::putObjectProperty);
          message.putLongProperty("retryAt", System.currentTimeMillis() + delayMillis);
          message.getBodyBuffer().writeBytes(TEXT);
          producer.send(message);
          if (i % TOGETHER == TOGETHER - 1) {
            session.commit();
          }
        }
        session.commit();
      }
    }
  }
}
