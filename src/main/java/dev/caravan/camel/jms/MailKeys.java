package dev.caravan.camel.jms;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.Durations;
import dev.caravan.mail.MailId;
import dev.caravan.queue.QueueNames;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.activemq.artemis.api.core.ActiveMQDuplicateIdException;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;

/**
 * The keys of applications' mails: a mail that comes again with its key is not sent again.
 *
 * <p>The name of a mail with a key is made of the application and the key, so that a repeat knows
 * the first answer without asking anybody. That it is a repeat is known by the broker's duplicate
 * ids: the transaction that takes a mail in also sends marks to {@link QueueNames#KEYS}, and the
 * broker lets only one transaction with the same marks commit, whichever node it comes from, and
 * after a restart too.
 *
 * <p>Time is cut into pieces as long as a key counts. A mark is made for this piece and for the
 * next, so a repeat within that time finds one. These are seen by others when they are committed; a
 * third mark, which the broker knows for its bridges, is seen at once. It is left out when a
 * submission comes back from a rollback, because with it the broker does not say why it refuses.
 */
public final class MailKeys {
  private static final String DUPLICATE_ID = "_AMQ_DUPL_ID";
  private static final int LOCKS = 256;

  private final long ageMillis;
  private final Cache<MailId, Boolean> known;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  /**
   * @param max keys that are remembered here; others the broker knows
   * @param age how long a key counts
   */
  public MailKeys(int max, String age) {
    Duration counts = Durations.parse(age);
    this.ageMillis = counts.toMillis();
    this.known =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(max)
            .expireAfterWrite(counts)
            .build();
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** The name of an application's mail with this key. */
  static MailId id(Optional<String> application, String key) {
    return MailId.ofWords(application.orElse(""), key);
  }

  /** Held from the look whether a mail is known until it is committed. */
  ReentrantLock lock(MailId id) {
    return locks[Math.floorMod(id.hashCode(), LOCKS)];
  }

  /** Whether this mail has been taken in, as far as it is known before the broker is asked. */
  boolean isKnown(MailId id, Instant now, Broker broker) {
    return known.getIfPresent(id) != null
        || broker.hasSeen(QueueNames.KEYS, octets(id, piece(now)));
  }

  /** It has been taken in. */
  void remember(MailId id) {
    known.put(id, true);
  }

  /**
   * Sends the marks with the session's transaction. The commit fails when the mail was taken in
   * before.
   *
   * @param alone whether it must be found out that others are not at the same mail
   */
  void mark(Session session, MailId id, Instant now, boolean alone) throws JMSException {
    try (MessageProducer producer = session.createProducer(Destinations.KEYS)) {
      producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
      for (long piece = piece(now); piece <= piece(now) + 1; piece++) {
        Message mark = session.createMessage();
        mark.setStringProperty(DUPLICATE_ID, name(id, piece));
        producer.send(mark);
      }
      Message last = session.createMessage();
      if (alone && last instanceof ActiveMQMessage artemis) {
        artemis
            .getCoreMessage()
            .putBytesProperty(
                org.apache.activemq.artemis.api.core.Message.HDR_BRIDGE_DUPLICATE_ID,
                octets(id, piece(now)));
        producer.send(last);
      }
    }
  }

  /** Whether the broker says that the mail was taken in before. */
  static boolean isRepeat(JMSException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof ActiveMQDuplicateIdException) {
        return true;
      }
    }
    return false;
  }

  private long piece(Instant now) {
    return now.toEpochMilli() / ageMillis;
  }

  private static String name(MailId id, long piece) {
    return id + "." + piece;
  }

  private static byte[] octets(MailId id, long piece) {
    return name(id, piece).getBytes(StandardCharsets.UTF_8);
  }
}
