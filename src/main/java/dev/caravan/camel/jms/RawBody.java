package dev.caravan.camel.jms;

import jakarta.jms.Message;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;

/** The octets of a message's body, whatever its type. */
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
}
