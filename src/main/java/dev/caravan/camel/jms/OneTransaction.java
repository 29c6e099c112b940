package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.MailId;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;

/** Takes a mail in that did not come by JMS: in a transaction of its own, with its key. */
final class OneTransaction {
  private final ConnectionFactory connections;
  private final MailKeys keys;
  private final Clock clock;

  /** Sends what is taken in. */
  interface Taking {
    void send(Session session) throws JMSException, IOException;
  }

  OneTransaction(ConnectionFactory connections, MailKeys keys, Clock clock) {
    this.connections = connections;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Returns when the mail is on disk, from now or, by its key, from before.
   *
   * @param id of the mail, or of all the mails of a submission
   */
  void take(Exchange exchange, MailId id, boolean keyed, Taking taking)
      throws JMSException, IOException {
    if (!keyed) {
      commit(id, taking, /* marked= */ false, /* alone= */ false);
      return;
    }
    ReentrantLock lock = keys.lock(id);
    lock.lock();
    try {
      Broker broker = JmsOnce.broker(exchange);
      if (!keys.isKnown(id, clock.instant(), broker)) {
        takeOnce(id, taking);
      }
      keys.remember(id);
    } finally {
      lock.unlock();
    }
  }

  /** The mark that others see at once tells no reason; without it the broker says it. */
  private void takeOnce(MailId id, Taking taking) throws JMSException, IOException {
    try {
      commit(id, taking, true, true);
    } catch (JMSException e) {
      try {
        commit(id, taking, true, false);
      } catch (JMSException again) {
        if (!MailKeys.isRepeat(again)) {
          again.addSuppressed(e);
          throw again;
        }
      }
    }
  }

  private void commit(MailId id, Taking taking, boolean marked, boolean alone)
      throws JMSException, IOException {
    try (Connection connection = connections.createConnection();
        Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
      taking.send(session);
      if (marked) {
        keys.mark(session, id, clock.instant(), alone);
      }
      session.commit();
    }
  }
}
