package dev.caravan.camel.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many mails of a submission have been made, and how many recipients were refused: a message in
 * {@code mail.fanout.tally}, replaced in the transaction of each batch.
 */
final class FanOutTally {
  private static final Logger LOG = LoggerFactory.getLogger(FanOutTally.class);

  private static final String MADE = "made";
  private static final String REFUSED = "refused";

  /** Another worker may have it in a transaction that is about to end. */
  private static final long WAIT_MILLIS = 5_000;

  /** An operator may have taken it away: after so many tries it is done without. */
  private static final int TRIES_MAX = 5;

  private FanOutTally() {}

  static void begin(Session session, FanOutBatch.Common common) throws JMSException {
    send(session, common, 0, 0);
  }

  /** What has become of a submission. */
  record Count(int made, int refused) {}

  /**
   * Adds to it.
   *
   * @param tries of the batch, from 1
   * @return all of it, when nothing is left to do
   */
  static Optional<Count> add(
      Session session, FanOutBatch.Common common, int made, int refused, int tries)
      throws JMSException {
    String selector = FanOutBatch.ID + " = '" + common.id() + "'";
    try (MessageConsumer consumer = session.createConsumer(Destinations.FAN_OUT_TALLY, selector)) {
      Message before = consumer.receive(WAIT_MILLIS);
      if (before == null) {
        if (tries < TRIES_MAX) {
          throw new IllegalStateException("the count of " + common.id() + " is not there");
        }
        LOG.warn("{}: nobody knows how many mails it has become", common.id());
        return Optional.empty();
      }
      Count count =
          new Count(before.getIntProperty(MADE) + made, before.getIntProperty(REFUSED) + refused);
      if (count.made() + count.refused() >= common.total()) {
        return Optional.of(count);
      }
      send(session, common, count.made(), count.refused());
      return Optional.empty();
    }
  }

  private static void send(Session session, FanOutBatch.Common common, int made, int refused)
      throws JMSException {
    Message message = session.createMessage();
    common.writeTo(message);
    message.setIntProperty(MADE, made);
    message.setIntProperty(REFUSED, refused);
    try (MessageProducer producer = session.createProducer(Destinations.FAN_OUT_TALLY)) {
      producer.send(message);
    }
  }
}
