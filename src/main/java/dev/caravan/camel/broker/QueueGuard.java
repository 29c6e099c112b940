package dev.caravan.camel.broker;

import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQNonExistentQueueException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.postoffice.RoutingStatus;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Fails a send that reached no queue, and the transaction that it is part of. The broker would
 * acknowledge it, and the mail would be gone. Events are facts that nobody has to listen to, so
 * they may reach nobody.
 */
final class QueueGuard implements ActiveMQServerMessagePlugin {
  private final List<String> mayReachNobody;

  QueueGuard(List<String> mayReachNobody) {
    this.mayReachNobody = List.copyOf(mayReachNobody);
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
    if (nowhere && address != null && mayReachNobody.stream().noneMatch(address::startsWith)) {
      ActiveMQException lost =
          new ActiveMQNonExistentQueueException(
              "no queue is bound to " + address + ": the message was not kept");
      if (tx != null) {
        // Else the commit would tell the error, and commit all the rest: a mail taken from its
        // queue would be gone from there and have arrived nowhere.
        tx.markAsRollbackOnly(lost);
      }
      throw lost;
    }
  }
}
