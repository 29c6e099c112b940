package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQSecurityException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.ServerConsumer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * What MQTT says in its own way, said as the other protocols say it. A submission's user properties
 * become properties, its response topic the queue for answers, its correlation data the correlation
 * id; an answer goes the way back. A mail that is retained would be sent again to nobody, and stay:
 * it is refused.
 */
final class MqttMessages implements ActiveMQServerMessagePlugin {
  private static final String PREFIX = "mqtt.";
  private static final String QOS = "mqtt.qos.level";
  private static final String RETAIN = "mqtt.message.retain";
  private static final String RESPONSE_TOPIC = "mqtt.response.topic";
  private static final String CORRELATION_DATA = "mqtt.correlation.data";
  private static final String CONTENT_TYPE = "mqtt.content.type";
  private static final String USER_PROPERTIES = "mqtt.user.property.exists";
  private static final String USER_PROPERTY = "mqtt.ordered.user.property.";

  /** How correlation data begins that is no text. */
  private static final String OCTETS = "hex:";

  private static final String FORMAT = "format";
  private static final List<String> ANSWER = List.of("status", "mailId", "to", "reply");

  /** What is a name in JMS too. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,99}");

  private static final Pattern OURS = Pattern.compile("JMS.*|NATIVE.*");

  @Override
  public void beforeSend(
      ServerSession session,
      @Nullable Transaction tx,
      Message message,
      boolean direct,
      boolean noAutoCreateQueue)
      throws ActiveMQException {
    String address = message.getAddress();
    if (address == null
        || !address.startsWith(QueueNames.SUBMIT)
        || !message.containsProperty(QOS)) {
      return;
    }
    if (Boolean.TRUE.equals(message.getObjectProperty(RETAIN))) {
      throw new ActiveMQSecurityException("a mail can't be retained");
    }
    // One that is sent without an acknowledgement may be lost on its way, but not here.
    message.setDurable(true);
    for (SimpleString name : List.copyOf(message.getPropertyNames())) {
      if (name.toString().startsWith(PREFIX)) {
        Object value = message.getObjectProperty(name);
        message.removeProperty(name);
        translate(message, name.toString(), value);
      }
    }
    message.reencode();
  }

  private static void translate(Message message, String name, @Nullable Object value) {
    if (value == null) {
      return;
    }
    switch (name) {
      case RESPONSE_TOPIC ->
          message.setReplyTo(SimpleString.of("queue://" + value.toString().replace('/', '.')));
      case CORRELATION_DATA -> {
        if (value instanceof byte[] octets) {
          message.setCorrelationID(text(octets));
        }
      }
      case CONTENT_TYPE -> {
        String type = value.toString().toLowerCase(Locale.ROOT);
        if (!message.containsProperty(FORMAT) && type.startsWith("application/json")) {
          message.putStringProperty(FORMAT, "json");
        } else if (!message.containsProperty(FORMAT) && type.startsWith("message/rfc822")) {
          message.putStringProperty(FORMAT, "rfc5322");
        }
      }
      default -> {
        if (name.startsWith(USER_PROPERTY)) {
          String own = name.substring(name.indexOf('.', USER_PROPERTY.length()) + 1);
          if (NAME.matcher(own).matches() && !OURS.matcher(own).matches()) {
            message.putStringProperty(own, value.toString());
          }
        }
      }
    }
  }

  private static String text(byte[] octets) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      return OCTETS + HexFormat.of().formatHex(octets);
    }
  }

  @Override
  public void beforeDeliver(ServerConsumer consumer, MessageReference reference) {
    Message message = reference.getMessage();
    String address = message.getAddress();
    if (address == null
        || !address.startsWith(QueueNames.REPLY_PREFIX)
        || message.containsProperty(USER_PROPERTIES)
        || !consumer.getConnectionProtocolName().startsWith("MQTT")) {
      return;
    }
    int count = 0;
    for (String name : ANSWER) {
      String value = message.getStringProperty(name);
      if (value != null) {
        message.putStringProperty(USER_PROPERTY + count + "." + name, value);
        count++;
      }
    }
    message.putIntProperty(USER_PROPERTIES, count);
    if (message.getCorrelationID() != null) {
      message.putBytesProperty(CORRELATION_DATA, octets(message.getCorrelationID().toString()));
    }
  }

  private static byte[] octets(String correlation) {
    if (correlation.startsWith(OCTETS)) {
      try {
        return HexFormat.of().parseHex(correlation.substring(OCTETS.length()));
      } catch (IllegalArgumentException e) {
        // It was a text that begins so.
      }
    }
    return correlation.getBytes(StandardCharsets.UTF_8);
  }
}
