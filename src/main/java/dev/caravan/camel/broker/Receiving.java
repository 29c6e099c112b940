package dev.caravan.camel.broker;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.jspecify.annotations.Nullable;

/** How to receive what is in a queue without waiting for more. */
public final class Receiving {
  private Receiving() {}

  /**
   * The next message that is in the queue now; null when there is none.
   *
   * <p>Asked a second time before that is believed: to who asks while the broker has sent the end
   * of a large message, but has not noted that yet, it says that nothing else is there.
   */
  public static @Nullable ClientMessage next(ClientConsumer consumer) throws ActiveMQException {
    ClientMessage message = consumer.receiveImmediate();
    return message == null ? consumer.receiveImmediate() : message;
  }
}
