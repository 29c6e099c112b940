package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import java.util.HexFormat;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Lets the door answer what the broker would do in silence. A submission with a duplicate id would
 * be dropped when it comes again, and its sender would wait for an answer: the id becomes the
 * mail's key.
 */
final class SubmissionGuard implements ActiveMQServerMessagePlugin {
  private static final String KEY = "mailKey";

  @Override
  public void beforeSend(
      ServerSession session,
      @Nullable Transaction tx,
      Message message,
      boolean direct,
      boolean noAutoCreateQueue) {
    String address = message.getAddress();
    if (address == null || !address.startsWith(QueueNames.SUBMIT)) {
      return;
    }
    Object id = message.getDuplicateProperty();
    if (id != null) {
      message.removeProperty(Message.HDR_DUPLICATE_DETECTION_ID);
      if (!message.containsProperty(KEY)) {
        message.putStringProperty(KEY, text(id));
      }
      message.reencode();
    }
  }

  private static String text(Object id) {
    return id instanceof byte[] octets ? HexFormat.of().formatHex(octets) : id.toString();
  }
}
