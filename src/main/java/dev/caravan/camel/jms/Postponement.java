package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Clock;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;

/**
 * Puts a submission off without undoing what else is in the transaction of its session: it goes to
 * the end of its queue, unchanged, where nobody sees it for a while, longer each time.
 */
record Postponement(Clock clock) {
  private static final long FIRST_MILLIS = 1_000;
  private static final long LONGEST_MILLIS = 60_000;
  private static final int COUNTED_MAX = 10;

  /** False for one that can't be: one of another client or broker, or large. */
  boolean put(Broker broker, Session session, Message submission) throws JMSException {
    if (!broker.isOurs() || !(submission instanceof ActiveMQMessage artemis)) {
      return false;
    }
    ICoreMessage core = artemis.getCoreMessage();
    if (core.isLargeMessage()) {
      return false;
    }
    int before = core.containsProperty(Broker.PUT_OFF) ? core.getIntProperty(Broker.PUT_OFF) : 0;
    core.putIntProperty(Broker.PUT_OFF, Math.min(before + 1, COUNTED_MAX));
    if (submission.getJMSCorrelationID() == null) {
      // A copy gets a name of its own; answers tell the one that the application knows.
      submission.setJMSCorrelationID(submission.getJMSMessageID());
    }
    long expiration = submission.getJMSExpiration();
    long left = expiration == 0 ? 0 : Math.max(1, expiration - clock.millis());
    try (MessageProducer producer = session.createProducer(submission.getJMSDestination())) {
      producer.setDeliveryDelay(Math.min(FIRST_MILLIS << before, LONGEST_MILLIS));
      producer.send(submission, DeliveryMode.PERSISTENT, submission.getJMSPriority(), left);
    }
    return true;
  }
}
