package dev.caravan.camel.spool;

import dev.caravan.mail.Domain;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mail that waits on the retry ladder is due at once for a domain (ETRN, RFC 1985). What lies in a
 * rung is moved by a selector; what a rung's worker has in its hands is told to be due.
 */
public final class QueueRuns {
  private static final Logger LOG = LoggerFactory.getLogger(QueueRuns.class);
  private static final int MOVED_MAX = 10_000;
  private static final int BATCH = 50;
  private static final int REMEMBERED_MAX = 100;
  private static final long REMEMBERED_MILLIS = Duration.ofMinutes(1).toMillis();

  private record Run(Domain domain, long at) {}

  private final SpoolComponent component;
  private final Deque<Run> runs = new ArrayDeque<>();

  QueueRuns(SpoolComponent component) {
    this.component = component;
  }

  /**
   * Begins a run for the mail to this domain.
   *
   * @return how many were moved; those that workers have in their hands follow
   * @throws ActiveMQException when the broker can't be reached
   */
  public int start(Domain domain) throws ActiveMQException {
    remember(new Run(domain, System.currentTimeMillis()));
    int moved = 0;
    try (ClientSessionFactory connection = component.broker().connect();
        ClientSession session = component.broker().session(connection, true)) {
      session.start();
      for (String rung : component.rungs()) {
        moved += move(session, rung, domain, MOVED_MAX - moved);
      }
    }
    LOG.info("a run of the queue for {}: {} mails", domain, moved);
    return moved;
  }

  private int move(ClientSession session, String rung, Domain domain, int max)
      throws ActiveMQException {
    SpoolTransaction transaction = new SpoolTransaction(session);
    int moved = 0;
    try (ClientConsumer consumer =
        session.createConsumer(SimpleString.of(rung), SimpleString.of(selector(domain)))) {
      while (moved < max) {
        ClientMessage message = consumer.receiveImmediate();
        if (message == null) {
          break;
        }
        message.acknowledge();
        forward(message, transaction);
        if (++moved % BATCH == 0) {
          session.commit();
        }
      }
      session.commit();
    }
    return moved;
  }

  private void forward(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException {
    try {
      var mail = component.messages().read(message);
      String queue = component.lanes().queueFor(mail.site());
      transaction.send(SpoolProducer.urgent(component, mail, queue));
      SpoolMessages.forget(mail);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A site of this name, or a recipient of this domain. The text holds no quote, by its type. */
  private static String selector(Domain domain) {
    String name = domain.name().replace("_", "\\_");
    return ("(site = '%s' OR rcptTo LIKE '%%@%s' ESCAPE '\\' OR rcptTo LIKE '%%@%s,%%' ESCAPE '\\')"
            + " AND (holdUntil IS NULL OR holdUntil <= %d)")
        .formatted(domain.name(), name, name, System.currentTimeMillis());
  }

  private synchronized void remember(Run run) {
    runs.addLast(run);
    if (runs.size() > REMEMBERED_MAX) {
      runs.removeFirst();
    }
  }

  /** Whether a run has made this message due. */
  synchronized boolean covers(ClientMessage message) {
    if (runs.isEmpty()) {
      return false;
    }
    long now = System.currentTimeMillis();
    for (Iterator<Run> all = runs.iterator(); all.hasNext(); ) {
      Run run = all.next();
      if (now - run.at() > REMEMBERED_MILLIS) {
        all.remove();
      } else if (message.getTimestamp() <= run.at() && concerns(run.domain(), message)) {
        return true;
      }
    }
    return false;
  }

  private static boolean concerns(Domain domain, ClientMessage message) {
    Object heldUntil = message.getObjectProperty("holdUntil");
    if (heldUntil instanceof Long at && at > System.currentTimeMillis()) {
      return false;
    }
    String recipients = String.valueOf(message.getStringProperty("rcptTo"));
    String at = "@" + domain.name();
    return domain.name().equals(message.getStringProperty("site"))
        || (recipients.toLowerCase(Locale.ROOT) + ",").contains(at + ",");
  }
}
