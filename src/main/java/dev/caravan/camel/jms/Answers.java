package dev.caravan.camel.jms;

import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueueNames;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers to JMSReplyTo, if there is one that may be answered to. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static void accepted(Session session, Message original, String mailId) throws JMSException {
    send(session, original, "accepted", mailId, Optional.empty());
  }

  static void rejected(Session session, Message original, SmtpReply reply) throws JMSException {
    send(session, original, "rejected", "", Optional.of(reply));
  }

  private static void send(
      Session session, Message original, String status, String mailId, Optional<SmtpReply> reply)
      throws JMSException {
    Destination to = original.getJMSReplyTo();
    if (to == null) {
      return;
    }
    boolean allowed =
        to instanceof TemporaryQueue
            || to instanceof Queue queue
                && queue.getQueueName().startsWith(QueueNames.REPLY_PREFIX);
    if (!allowed) {
      LOG.warn("no answer to {}: only temporary queues and mail.reply.* are answered to", to);
      return;
    }
    TextMessage answer =
        session.createTextMessage(
            "{\"status\":\""
                + status
                + "\""
                + (mailId.isEmpty() ? "" : ",\"mailId\":\"" + mailId + "\"")
                + "}");
    answer.setStringProperty("status", status);
    if (!mailId.isEmpty()) {
      answer.setStringProperty("mailId", mailId);
    }
    if (reply.isPresent()) {
      answer.setStringProperty("reply", reply.get().toString());
    }
    String correlation = original.getJMSCorrelationID();
    answer.setJMSCorrelationID(correlation != null ? correlation : original.getJMSMessageID());
    try (MessageProducer producer = session.createProducer(to)) {
      producer.send(answer);
    } catch (InvalidDestinationException e) {
      LOG.warn("the answer's queue is gone: {}", to);
    }
  }
}
