package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import org.apache.activemq.artemis.api.core.ActiveMQAddressFullException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.postoffice.RoutingStatus;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what an application stages: what is in its queue, and what the transaction has sent that
 * is not committed yet. Several transactions at once may go beyond it by what each of them holds.
 */
record StagingGuard(ActiveMQServer server, EmbeddedBroker.Staging limits)
    implements ActiveMQServerMessagePlugin {
  /** The property of a transaction that is ours; the broker's own are small numbers. */
  private static final int STAGED = 1_000;

  /** What a transaction has sent. */
  private record Tally(long files, long octets) {
    static final Tally NOTHING = new Tally(0, 0);

    static Tally of(@Nullable Transaction tx) {
      return tx != null && tx.getProperty(STAGED) instanceof Tally known ? known : NOTHING;
    }
  }

  @Override
  public void beforeSend(
      ServerSession session,
      @Nullable Transaction tx,
      Message message,
      boolean direct,
      boolean noAutoCreateQueue)
      throws ActiveMQException {
    if (!isStaged(message)) {
      return;
    }
    String address = message.getAddress();
    Queue queue = server.locateQueue(SimpleString.of(address));
    Tally sent = Tally.of(tx);
    long files = sent.files() + (queue == null ? 0 : queue.getMessageCount());
    long octets = sent.octets() + (queue == null ? 0 : queue.getPersistentSize());
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

  /** Of a session without transactions there is none here. */
  @Override
  public void afterSend(
      ServerSession session,
      @Nullable Transaction tx,
      Message message,
      boolean direct,
      boolean noAutoCreateQueue,
      RoutingStatus result)
      throws ActiveMQException {
    if (tx != null && isStaged(message)) {
      Tally sent = Tally.of(tx);
      tx.putProperty(
          STAGED, new Tally(sent.files() + 1, sent.octets() + message.getPersistentSize()));
    }
  }

  private static boolean isStaged(Message message) {
    String address = message.getAddress();
    return address != null && address.startsWith(QueueNames.STAGE_PREFIX);
  }

  private static void deleteFile(LargeServerMessage message) throws ActiveMQException {
    try {
      message.deleteFile();
    } catch (Exception e) {
      throw new ActiveMQException("a file that was not staged can't be deleted", e, null);
    }
  }
}
