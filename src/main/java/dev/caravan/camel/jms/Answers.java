package dev.caravan.camel.jms;

import dev.caravan.auth.Account;
import dev.caravan.event.Answer;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueueNames;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an application is told at once. An answer goes to {@code mail.answers} with the session that
 * has received the submission, and from there to the application's own queue: a queue that is full
 * or gone keeps no mail from being taken in.
 */
final class Answers {
  static final String QUEUE = "queue://";
  static final String TEMPORARY_QUEUE = "temp-queue://";

  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  /** Where this submission wants its answers; empty when it wants none, or may have none there. */
  static Optional<AnswerTo> wanted(Message submission, Optional<Account> account)
      throws JMSException {
    Destination to = submission.getJMSReplyTo();
    if (to == null) {
      return Optional.empty();
    }
    Optional<String> queue = mayBe(to, account);
    if (queue.isEmpty()) {
      LOG.warn(
          "no answer to {}: only temporary queues and {} are answered to", to, replies(account));
      return Optional.empty();
    }
    String correlation = submission.getJMSCorrelationID();
    String id = correlation != null ? correlation : submission.getJMSMessageID();
    try {
      return Optional.of(new AnswerTo(queue.get(), id == null ? "" : id, Set.of()));
    } catch (IllegalArgumentException e) {
      LOG.warn("no answer to {}: {}", to, e.getMessage());
      return Optional.empty();
    }
  }

  /** A user who logged in at the broker has one queue for answers, and nobody else's. */
  private static Optional<String> mayBe(Destination to, Optional<Account> account)
      throws JMSException {
    return switch (to) {
      case TemporaryQueue temporary -> Optional.of(TEMPORARY_QUEUE + temporary.getQueueName());
      case Queue queue
          when account.isEmpty()
              ? queue.getQueueName().startsWith(QueueNames.REPLY_PREFIX)
              : queue.getQueueName().equals(replies(account)) ->
          Optional.of(QUEUE + queue.getQueueName());
      default -> Optional.empty();
    };
  }

  private static String replies(Optional<Account> account) {
    return QueueNames.REPLY_PREFIX + account.map(Account::name).orElse("*");
  }

  static void accepted(Session session, AnswerTo to, String mailId) throws JMSException {
    String text = "{\"status\":\"accepted\",\"mailId\":\"" + mailId + "\"}";
    send(session, new Answer(to, "accepted", mailId, "", "", text));
  }

  /** A submission to many: each of its recipients has, or will have, a mail. */
  static void acceptedAll(Session session, AnswerTo to, String id, int recipients)
      throws JMSException {
    String text =
        "{\"status\":\"accepted\",\"mailId\":\"" + id + "\",\"recipients\":" + recipients + "}";
    send(
        session,
        new Answer(to, "accepted", id, "", "", text),
        Map.of("recipients", Integer.toString(recipients)));
  }

  /** One recipient of many gets no mail. */
  static void refusedOne(
      Session session, AnswerTo to, String mailId, int index, String recipient, SmtpReply reply)
      throws JMSException {
    String text = "{\"status\":\"rejected\",\"mailId\":\"" + mailId + "\",\"index\":" + index + "}";
    send(
        session,
        new Answer(to, "rejected", mailId, recipient, reply.toString(), text),
        Map.of("index", Integer.toString(index)));
  }

  /** All recipients of many have their mail, but for those that were refused. */
  static void completed(Session session, AnswerTo to, String id, int mails, int refused)
      throws JMSException {
    String text =
        "{\"status\":\"completed\",\"mailId\":\""
            + id
            + "\",\"mails\":"
            + mails
            + ",\"refused\":"
            + refused
            + "}";
    send(
        session,
        new Answer(to, "completed", id, "", "", text),
        Map.of("mails", Integer.toString(mails), "refused", Integer.toString(refused)));
  }

  static void rejected(Session session, AnswerTo to, SmtpReply reply) throws JMSException {
    String text = "{\"status\":\"rejected\"}";
    send(session, new Answer(to, "rejected", "", "", reply.toString(), text));
  }

  private static void send(Session session, Answer answer) throws JMSException {
    send(session, answer, Map.of());
  }

  private static void send(Session session, Answer answer, Map<String, String> more)
      throws JMSException {
    TextMessage message = session.createTextMessage(answer.text());
    for (Map.Entry<String, String> property : more.entrySet()) {
      message.setStringProperty(property.getKey(), property.getValue());
    }
    for (Map.Entry<String, String> property : answer.addressed().entrySet()) {
      message.setStringProperty(property.getKey(), property.getValue());
    }
    message.setStringProperty("JMSXGroupID", answer.group());
    try (MessageProducer producer = session.createProducer(Destinations.ANSWERS)) {
      producer.send(message);
    }
  }
}
