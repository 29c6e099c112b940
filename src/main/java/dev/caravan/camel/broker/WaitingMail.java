package dev.caravan.camel.broker;

import org.apache.activemq.artemis.api.core.Message;

/**
 * What a list of queues says of one message.
 *
 * @param site where it goes; empty when it is no mail yet
 * @param since when it was accepted, milliseconds of the epoch
 */
public record WaitingMail(String site, long since) {
  /** Reads the properties of the contract; what has none is known by its own time. */
  public static WaitingMail of(Message message) {
    String site = message.getStringProperty("site");
    Object queuedAt = message.getObjectProperty("queuedAt");
    return new WaitingMail(
        site == null ? "" : site,
        queuedAt instanceof Number n ? n.longValue() : message.getTimestamp());
  }
}
