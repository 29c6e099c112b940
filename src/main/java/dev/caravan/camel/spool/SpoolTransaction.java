package dev.caravan.camel.spool;

import org.apache.activemq.artemis.api.core.ActiveMQException;

/**
 * The transaction in which a mail is delivered: taking it from its queue, and all that its route
 * sends. Used by one worker at a time.
 */
interface SpoolTransaction {
  /** The exchange property that carries it; only this component reads it. */
  String PROPERTY = "CaravanSpoolTransaction";

  /** Sends when the transaction commits. */
  void send(SpoolSender.Parcel parcel) throws ActiveMQException;
}
