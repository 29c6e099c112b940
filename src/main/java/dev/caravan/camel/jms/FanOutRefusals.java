package dev.caravan.camel.jms;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.MailId;
import dev.caravan.mail.SmtpReply;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recipients of a batch that got no mail, in {@code mail.rejected}: as a submission to these alone,
 * so that a replay is a mail to each of them. What they have in common may be long, so it is kept
 * once for many of them.
 *
 * @param ids by which an operator names what is kept
 */
record FanOutRefusals(FanOutBatch batch, Supplier<MailId> ids, Clock clock) {
  private static final Logger LOG = LoggerFactory.getLogger(FanOutRefusals.class);

  /** The reasons, a line each: the place in the first submission, from 0, and the reply. */
  static final String REASONS = "refusals";

  /** Recipients of one message: their reasons have to fit beside it. */
  private static final int TOGETHER = 50;

  /** Characters of a reason. */
  private static final int REASON_MAX = 300;

  /** One of them, and why. */
  record Refused(FanOutBatch.Entry entry, SmtpReply reply) {}

  /** Keeps all of them with the session that has received their batch. */
  void put(Session session, List<Refused> all) throws JMSException {
    for (int from = 0; from < all.size(); from += TOGETHER) {
      List<Refused> some = all.subList(from, Math.min(all.size(), from + TOGETHER));
      Rejections.send(session, message(session, some), reason(some), ids.get(), clock.instant());
    }
  }

  private static SmtpReply reason(List<Refused> some) {
    SmtpReply first = some.getFirst().reply();
    return some.size() == 1
        ? first
        : SmtpReply.of(
            first.code(),
            first.status().toString(),
            first.lines().getFirst() + "; and " + (some.size() - 1) + " more, see " + REASONS);
  }

  private BytesMessage message(Session session, List<Refused> some) throws JMSException {
    FanOutBatch.Common common = batch.common();
    ObjectNode json = batch.head().deepCopy();
    common.wishes().writeTo(json);
    ArrayNode recipients = json.putArray(FanOut.RECIPIENTS);
    some.forEach(one -> recipients.add(one.entry().recipient()));
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(json.toString().getBytes(StandardCharsets.UTF_8));
    message.setStringProperty("format", "json");
    message.setStringProperty(FanOutBatch.ID, common.id().value());
    message.setStringProperty(
        REASONS, some.stream().map(FanOutRefusals::line).collect(Collectors.joining("\n")));
    if (common.user().isPresent()) {
      message.setStringProperty(Broker.SUBMITTED_BY, common.user().get());
    }
    if (common.answerTo().isPresent()) {
      answerTo(session, message, common.answerTo().get());
    }
    return message;
  }

  /** A temporary queue is gone when an operator looks at it. */
  private static void answerTo(Session session, BytesMessage message, AnswerTo to)
      throws JMSException {
    message.setJMSCorrelationID(to.correlationId());
    if (to.queue().startsWith(Answers.QUEUE)) {
      String name = to.queue().substring(Answers.QUEUE.length());
      try {
        message.setJMSReplyTo(session.createQueue(name));
      } catch (JMSException e) {
        LOG.warn("{} is not kept as the queue of a refusal's answers: {}", name, e.getMessage());
      }
    }
  }

  private static String line(Refused one) {
    String reply = one.reply().toString();
    return one.entry().index() + ": " + reply.substring(0, Math.min(reply.length(), REASON_MAX));
  }
}
