package dev.caravan.camel.jms;

import dev.caravan.auth.Users;
import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.Priorities;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.support.DefaultMessage;

/**
 * What a message of {@code mail.submit} is: a mail, a plan of many, a repeat of one that is known,
 * or none and why.
 *
 * @param holdMax how far away the time may be that an application wants its mail sent at
 */
record JmsReader(
    Submission submission,
    JmsPayload payload,
    JmsOnce once,
    Duration holdMax,
    Users users,
    FanOut fanOut,
    Clock clock,
    SecureRandom random) {
  /** Makes the body a {@link Mail}; a submission that is none becomes a refusal, or a repeat. */
  JmsSubmitted read(Exchange exchange) throws JMSException, IOException {
    JmsMessage in = exchange.getIn(JmsMessage.class);
    Message message = in.getJmsMessage();
    Session session = in.getJmsSession();
    if (session == null) {
      throw new IllegalStateException("jms-in must consume from a transacted JMS endpoint");
    }
    // A message of its own: nothing that an application sent stays as a header of the exchange.
    exchange.setIn(new DefaultMessage(exchange));
    Optional<String> user = user(exchange, message);
    Optional<AnswerTo> answerTo = Answers.wanted(message, user.flatMap(users::find));
    Object body = "";
    Optional<MailId> keyed = Optional.empty();
    boolean isMail = false;
    Optional<SmtpReply> refusal = Optional.empty();
    Optional<FanOut.Plan> plan = Optional.empty();
    boolean isNew = false;
    List<String> staged = List.of();
    try {
      body = payload.body(message);
      Map<String, Object> properties = JmsPayload.properties(message);
      plan = fanOut.plan(properties, body);
      if (plan.isPresent()) {
        Wishes wishes = ofMessage(plan.get().wishes(), message);
        plan = Optional.of(plan.get().with(wishes));
        keyed = wishes.key().map(key -> MailKeys.id(user, key));
        wishes.requireNotAfter(clock.instant().plus(holdMax));
        isNew = keyed.isEmpty() || !once.isKnown(exchange, keyed.get());
      } else {
        Submission.Opened opened = Submission.open(properties, fanOut.filled(properties, body));
        keyed = opened.wishes().key().map(key -> MailKeys.id(user, key));
        staged = opened.staged();
        isNew = keyed.isEmpty() || !once.isKnown(exchange, keyed.get());
        if (isNew) {
          MailId id = keyed.orElseGet(() -> MailId.next(clock, random));
          Origin origin = Origin.jms(user, clock.instant());
          StagedFiles files = new StagedFiles(() -> JmsOnce.broker(exchange), user);
          Mail mail = submission.mail(opened, id, origin, files);
          exchange.getIn().setBody(asWished(mail, message, opened.wishes(), answerTo));
          isMail = true;
        }
      }
    } catch (RefusedException e) {
      refusal = Optional.of(e.reply());
      plan = Optional.empty();
    }
    if (!isMail && plan.isEmpty() && body instanceof Path file) {
      Files.deleteIfExists(file);
    }
    return new JmsSubmitted(
        session, message, user, isMail, plan, isNew, refusal, keyed, staged, answerTo);
  }

  /** Who sent it, as the broker knows. */
  private static Optional<String> user(Exchange exchange, Message message) throws JMSException {
    String name = JmsOnce.broker(exchange).isOurs() ? Broker.SUBMITTED_BY : "JMSXUserID";
    return Optional.ofNullable(message.getStringProperty(name)).filter(user -> !user.isEmpty());
  }

  /** What stands in the message itself counts before what its properties or body say. */
  private Mail asWished(Mail mail, Message message, Wishes wishes, Optional<AnswerTo> answerTo)
      throws JMSException, RefusedException {
    return ofMessage(wishes, message).applyTo(mail, answerTo, clock.instant().plus(holdMax));
  }

  private static Wishes ofMessage(Wishes wishes, Message message) throws JMSException {
    int priority = message.getJMSPriority();
    long expiration = message.getJMSExpiration();
    return wishes.with(
        priority == Priorities.NORMAL ? Optional.empty() : Optional.of(priority),
        expiration > 0 ? Optional.of(Instant.ofEpochMilli(expiration)) : Optional.empty());
  }
}
