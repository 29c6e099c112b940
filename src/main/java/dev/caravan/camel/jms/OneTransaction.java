package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.Mail;
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
  private final HandOver handOver;
  private final MailKeys keys;
  private final Clock clock;

  OneTransaction(ConnectionFactory connections, HandOver handOver, MailKeys keys, Clock clock) {
    this.connections = connections;
    this.handOver = handOver;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Returns when the mail is on disk, from now or, by its key, from before.
   *
   * @param queue empty = nowhere
   */
  void take(Exchange exchange, Mail mail, String queue, boolean keyed)
      throws JMSException, IOException {
    if (!keyed) {
      commit(exchange, mail, queue, /* marked= */ false, /* alone= */ false);
      return;
    }
    ReentrantLock lock = keys.lock(mail.id());
    lock.lock();
    try {
      Broker broker = exchange.getContext().getRegistry().findSingleByType(Broker.class);
      if (!keys.isKnown(mail.id(), clock.instant(), broker)) {
        takeOnce(exchange, mail, queue);
      }
      keys.remember(mail.id());
    } finally {
      lock.unlock();
    }
  }

  /** The mark that others see at once tells no reason; without it the broker says it. */
  private void takeOnce(Exchange exchange, Mail mail, String queue)
      throws JMSException, IOException {
    try {
      commit(exchange, mail, queue, true, true);
    } catch (JMSException e) {
      try {
        commit(exchange, mail, queue, true, false);
      } catch (JMSException again) {
        if (!MailKeys.isRepeat(again)) {
          again.addSuppressed(e);
          throw again;
        }
      }
    }
  }

  private void commit(Exchange exchange, Mail mail, String queue, boolean marked, boolean alone)
      throws JMSException, IOException {
    try (Connection connection = connections.createConnection();
        Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
      if (!queue.isEmpty()) {
        handOver.put(exchange, session, mail, queue);
      }
      if (marked) {
        keys.mark(session, mail.id(), clock.instant(), alone);
      }
      session.commit();
    }
  }
}
