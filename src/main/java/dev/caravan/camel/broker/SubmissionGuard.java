package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import java.util.HexFormat;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Lets the door do what the broker would do in silence. A submission with a duplicate id would be
 * dropped when it comes again, and its sender would wait for an answer: the id becomes the mail's
 * key. One with a delivery delay would wait in the heap: the time becomes that of the mail. And it
 * says who sent it, in every protocol and whatever the message says itself.
 *
 * @param owner the gateway's own user, who puts submissions off
 */
record SubmissionGuard(String owner) implements ActiveMQServerMessagePlugin {
  private static final String KEY = "mailKey";
  private static final String SEND_AT = "sendAt";

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
    String user = session.getValidatedUser();
    if (message.containsProperty(Broker.PUT_OFF)) {
      if (owner.equals(user)) {
        return;
      }
      message.removeProperty(Broker.PUT_OFF);
    }
    Object id = message.getDuplicateProperty();
    if (id != null) {
      message.removeProperty(Message.HDR_DUPLICATE_DETECTION_ID);
      put(message, KEY, text(id));
    }
    Long at = message.getScheduledDeliveryTime();
    if (at != null && at > 0) {
      message.setScheduledDeliveryTime(null);
      put(message, SEND_AT, at.toString());
    }
    queueForAnswers(message);
    message.putStringProperty(Broker.SUBMITTED_BY, user == null ? "" : user);
    message.reencode();
  }

  /** A client of STOMP says a name, and not that it is a queue's. */
  private static void queueForAnswers(Message message) {
    SimpleString to = message instanceof ICoreMessage ? message.getReplyTo() : null;
    if (to != null && to.toString().startsWith(QueueNames.REPLY_PREFIX)) {
      message.setReplyTo(SimpleString.of("queue://" + to));
    }
  }

  /** What the application has said itself counts. */
  private static void put(Message message, String name, String value) {
    if (!message.containsProperty(name)) {
      message.putStringProperty(name, value);
    }
  }

  private static String text(Object id) {
    return id instanceof byte[] octets ? HexFormat.of().formatHex(octets) : id.toString();
  }
}
