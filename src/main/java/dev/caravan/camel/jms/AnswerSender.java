package dev.caravan.camel.jms;

import dev.caravan.event.Answer;
import dev.caravan.queue.QueueNames;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQAddressFullException;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route {@code answers} does with one: hands it to the application's queue, in a session
 * of its own, so that a refusal undoes nothing. A queue that is gone or full loses the answer,
 * which the log tells; anything else is tried again some times. After a crash an answer may come
 * twice.
 */
public final class AnswerSender {
  private static final Logger LOG = LoggerFactory.getLogger(AnswerSender.class);
  private static final int TRIES_MAX = 10;
  private static final List<String> PROPERTIES =
      List.of("status", "mailId", "to", "reply", "index", "recipients", "mails", "refused");

  private final ConnectionFactory factory;

  public AnswerSender(ConnectionFactory factory) {
    this.factory = factory;
  }

  /** Sends it; returns also when that can't be done. */
  public void send(Exchange exchange) throws JMSException {
    Message answer = exchange.getIn(JmsMessage.class).getJmsMessage();
    String to = String.valueOf(answer.getStringProperty(Answer.QUEUE));
    try {
      send(answer, queue(to));
    } catch (JMSException e) {
      if (!isFinal(e) && answer.getIntProperty("JMSXDeliveryCount") < TRIES_MAX) {
        throw e;
      }
      lost(answer, to, e);
    }
  }

  /** Whether the queue refuses it, and would do so again. */
  private static boolean isFinal(JMSException e) {
    return switch (e) {
      case InvalidDestinationException gone -> true;
      case ResourceAllocationException full -> true;
      case JMSSecurityException notOurs -> true;
      default -> e.getCause() instanceof ActiveMQAddressFullException;
    };
  }

  private static String queue(String to) throws InvalidDestinationException {
    if (to.startsWith(Answers.TEMPORARY_QUEUE)) {
      return to.substring(Answers.TEMPORARY_QUEUE.length());
    }
    if (to.startsWith(Answers.QUEUE + QueueNames.REPLY_PREFIX)) {
      return to.substring(Answers.QUEUE.length());
    }
    throw new InvalidDestinationException("only temporary queues and mail.reply.* are answered to");
  }

  private void send(Message answer, String queue) throws JMSException {
    try (Connection connection = factory.createConnection();
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(find(session, queue))) {
      String text = answer instanceof TextMessage t ? t.getText() : "";
      TextMessage copy = session.createTextMessage(text);
      for (String name : PROPERTIES) {
        String value = answer.getStringProperty(name);
        if (value != null) {
          copy.setStringProperty(name, value);
        }
      }
      copy.setJMSCorrelationID(answer.getStringProperty(Answer.CORRELATION_ID));
      producer.send(copy);
    }
  }

  /** A broker that does not know it says so without a cause. */
  private static Queue find(Session session, String name) throws JMSException {
    try {
      return session.createQueue(name);
    } catch (JMSException e) {
      if (e.getCause() == null) {
        throw new InvalidDestinationException(e.getMessage());
      }
      throw e;
    }
  }

  private static void lost(Message answer, String to, JMSException e) throws JMSException {
    LOG.warn(
        "{}: the answer '{}' is lost, {} does not take it: {}",
        answer.getStringProperty("mailId"),
        answer.getStringProperty("status"),
        to,
        e.getMessage());
  }
}
