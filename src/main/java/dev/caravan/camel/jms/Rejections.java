package dev.caravan.camel.jms;

import dev.caravan.mail.MailId;
import dev.caravan.mail.SmtpReply;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what is no mail in {@code mail.rejected}, unchanged but for the reason. */
final class Rejections {
  private static final Logger LOG = LoggerFactory.getLogger(Rejections.class);
  private static final int CHUNK = 64 * 1024;

  private Rejections() {}

  /**
   * Puts a copy there with the session that has received it.
   *
   * @param id by which an operator names it
   */
  static void put(Session session, Message original, SmtpReply reply, MailId id, Instant now)
      throws JMSException {
    Message copy = copy(session, original);
    for (Map.Entry<String, Object> property : JmsPayload.properties(original).entrySet()) {
      if (!property.getKey().equals(FanOutRefusals.REASONS)) {
        keep(copy, property.getKey(), property.getValue());
      }
    }
    String correlation = original.getJMSCorrelationID();
    copy.setJMSCorrelationID(correlation != null ? correlation : original.getJMSMessageID());
    if (original.getJMSReplyTo() != null) {
      copy.setJMSReplyTo(original.getJMSReplyTo());
    }
    send(session, copy, reply, id, now);
  }

  /** Sends there what says all but why. */
  static void send(Session session, Message rejected, SmtpReply reply, MailId id, Instant now)
      throws JMSException {
    rejected.setStringProperty("rejectId", id.value());
    rejected.setLongProperty("rejectedAt", now.toEpochMilli());
    rejected.setStringProperty("rejectCode", reply.code() + " " + reply.status());
    rejected.setStringProperty("rejectReason", reply.text());
    try (MessageProducer producer = session.createProducer(Destinations.REJECTED)) {
      producer.send(rejected);
    }
  }

  /**
   * Other protocols know names and values that JMS has not ({@code x-header}, octets). What can't
   * be kept must not keep the rest from being kept: the submission would come again for ever.
   */
  private static void keep(Message copy, String name, Object value) {
    try {
      copy.setObjectProperty(name, value);
    } catch (JMSException | JMSRuntimeException | IllegalArgumentException e) {
      if (!RawBody.keepProperty(copy, name, value)) {
        LOG.warn("a property of a refused submission was not kept: {}", e.getMessage());
      }
    }
  }

  private static Message copy(Session session, Message original) throws JMSException {
    switch (original) {
      case TextMessage text -> {
        return session.createTextMessage(text.getText());
      }
      case BytesMessage bytes -> {
        BytesMessage copy = session.createBytesMessage();
        bytes.reset();
        byte[] chunk = new byte[CHUNK];
        for (int n = bytes.readBytes(chunk); n > 0; n = bytes.readBytes(chunk)) {
          copy.writeBytes(chunk, 0, n);
        }
        return copy;
      }
      case MapMessage map -> {
        MapMessage copy = session.createMapMessage();
        for (Object name : Collections.list(map.getMapNames())) {
          copy.setObject((String) name, map.getObject((String) name));
        }
        return copy;
      }
      default -> {
        // The raw octets of whatever it is: nothing is deserialized to keep it.
        BytesMessage copy = session.createBytesMessage();
        copy.setStringProperty("originalType", original.getClass().getSimpleName());
        copy.writeBytes(RawBody.of(original));
        return copy;
      }
    }
  }
}
