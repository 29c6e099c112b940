package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import org.apache.activemq.artemis.api.core.ActiveMQAddressFullException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what an application stages. Of transactions that are still open it counts what has been
 * sent only in its size on disk, so that several at once may go beyond the limit by what they hold.
 */
record StagingGuard(ActiveMQServer server, EmbeddedBroker.Staging limits)
    implements ActiveMQServerMessagePlugin {

  @Override
  public void beforeSend(
      ServerSession session,
      @Nullable Transaction tx,
      Message message,
      boolean direct,
      boolean noAutoCreateQueue)
      throws ActiveMQException {
    String address = message.getAddress();
    if (address == null || !address.startsWith(QueueNames.STAGE_PREFIX)) {
      return;
    }
    Queue queue = server.locateQueue(SimpleString.of(address));
    long files = queue == null ? 0 : queue.getMessageCount();
    long octets = queue == null ? 0 : queue.getPersistentSize();
    if (files >= limits.filesMax() || octets + message.getPersistentSize() > limits.sizeMax()) {
      ActiveMQException full =
          new ActiveMQAddressFullException(
              address
                  + " is full: it holds "
                  + files
                  + " files and "
                  + octets
                  + " octets; see caravan.jms.staged-files-max and caravan.jms.staged-size-max");
      if (message instanceof LargeServerMessage large) {
        deleteFile(large);
      }
      if (tx != null) {
        tx.markAsRollbackOnly(full);
      }
      throw full;
    }
  }

  private static void deleteFile(LargeServerMessage message) throws ActiveMQException {
    try {
      message.deleteFile();
    } catch (Exception e) {
      throw new ActiveMQException("a file that was not staged can't be deleted", e, null);
    }
  }
}
