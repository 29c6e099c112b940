package dev.caravan.camel.jms;

import jakarta.jms.Message;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;

/** What is in a message of the broker that JMS does not show, or not to everybody. */
final class RawBody {
  private RawBody() {}

  /** Empty where the provider is not Artemis. */
  static byte[] of(Message message) {
    if (!(message instanceof ActiveMQMessage artemis)) {
      return new byte[0];
    }
    ActiveMQBuffer body = artemis.getCoreMessage().getReadOnlyBodyBuffer();
    byte[] octets = new byte[body.readableBytes()];
    body.readBytes(octets);
    return octets;
  }

  /** Sets a property that JMS has no name or type for; false where the provider is not Artemis. */
  static boolean keepProperty(Message message, String name, Object value) {
    if (!(message instanceof ActiveMQMessage artemis)) {
      return false;
    }
    artemis.getCoreMessage().putObjectProperty(name, value);
    return true;
  }
}
