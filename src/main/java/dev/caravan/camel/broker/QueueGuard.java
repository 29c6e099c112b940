package dev.caravan.camel.broker;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQNonExistentQueueException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.postoffice.RoutingStatus;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Fails a send that reached no queue. The broker would acknowledge it, and the mail would be gone.
 * Events are facts that nobody has to listen to, so they may reach nobody.
 */
final class QueueGuard implements ActiveMQServerMessagePlugin {
  private final String mayReachNobody;

  QueueGuard(String mayReachNobody) {
    this.mayReachNobody = mayReachNobody;
  }

  @Override
  public void afterSend(
      ServerSession session,
      @Nullable Transaction tx,
      Message message,
      boolean direct,
      boolean noAutoCreateQueue,
      RoutingStatus result)
      throws ActiveMQException {
    String address = message.getAddress();
    boolean nowhere =
        result == RoutingStatus.NO_BINDINGS || result == RoutingStatus.NO_BINDINGS_DLA;
    if (nowhere && address != null && !address.startsWith(mayReachNobody)) {
      throw new ActiveMQNonExistentQueueException(
          "no queue is bound to " + address + ": the message was not kept");
    }
  }
}
