package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import java.util.EnumSet;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.server.impl.AddressInfo;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerAddressPlugin;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerQueuePlugin;

/**
 * An application's queue for answers is one durable queue, whatever its protocol would have made of
 * it: a topic of MQTT would get nothing while nobody listens, and nothing from who sends to a
 * queue.
 */
final class ReplyQueues implements ActiveMQServerAddressPlugin, ActiveMQServerQueuePlugin {
  @Override
  public void beforeAddAddress(AddressInfo address, boolean reload) {
    if (isReply(address.getName())) {
      address.setRoutingTypes(EnumSet.of(RoutingType.ANYCAST));
    }
  }

  @Override
  public void beforeCreateQueue(QueueConfiguration queue) {
    if (isReply(queue.getAddress()) && !Boolean.TRUE.equals(queue.isTemporary())) {
      queue.setRoutingType(RoutingType.ANYCAST).setDurable(true);
    }
  }

  private static boolean isReply(SimpleString address) {
    return address != null && address.toString().startsWith(QueueNames.REPLY_PREFIX);
  }
}
