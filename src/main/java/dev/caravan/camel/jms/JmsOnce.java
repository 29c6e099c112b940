package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.MailId;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;

/** Takes a submission in with the session that has received it; one with a key only once. */
record JmsOnce(MailKeys keys, Clock clock) {
  /** Sends what is taken in, and the answer, with the session's transaction. */
  interface Taking {
    void send() throws JMSException, IOException;
  }

  static Broker broker(Exchange exchange) {
    return exchange.getContext().getRegistry().findSingleByType(Broker.class);
  }

  boolean isKnown(Exchange exchange, MailId id) {
    return keys.isKnown(id, clock.instant(), broker(exchange));
  }

  /**
   * Commits what has a key, so that whoever waits with the same key finds it known.
   *
   * @return false when it is known already
   */
  boolean take(Exchange exchange, JmsSubmitted submitted, Taking taking)
      throws JMSException, IOException {
    if (submitted.keyed().isEmpty()) {
      taking.send();
      return true;
    }
    MailId id = submitted.keyed().get();
    Session session = submitted.session();
    ReentrantLock lock = keys.lock(id);
    lock.lock();
    try {
      if (isKnown(exchange, id)) {
        return false;
      }
      taking.send();
      boolean first = !submitted.message().getJMSRedelivered();
      keys.mark(session, id, clock.instant(), first);
      session.commit();
      keys.remember(id);
      return true;
    } catch (JMSException e) {
      if (MailKeys.isRepeat(e)) {
        // Another node has taken it in: when the submission comes again it is known.
        keys.remember(id);
      }
      throw e;
    } finally {
      lock.unlock();
    }
  }
}
