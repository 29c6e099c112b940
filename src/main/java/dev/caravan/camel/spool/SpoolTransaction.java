package dev.caravan.camel.spool;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/**
 * The transaction in which a mail is delivered: taking it from its queue, and all that its route
 * sends. Used by one worker at a time.
 */
final class SpoolTransaction {
  /** The exchange property that carries it; only this component reads it. */
  static final String PROPERTY = "CaravanSpoolTransaction";

  private final ClientSession session;
  private final ClientProducer producer;

  SpoolTransaction(ClientSession session) throws ActiveMQException {
    this.session = session;
    this.producer = session.createProducer();
  }

  /** Sends when the transaction commits. */
  void send(SpoolSender.Parcel parcel) throws ActiveMQException {
    producer.send(SimpleString.of(parcel.address()), parcel.message().make(session));
  }
}
