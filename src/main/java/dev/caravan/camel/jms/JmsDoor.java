package dev.caravan.camel.jms;

import dev.caravan.auth.Users;
import dev.caravan.camel.broker.Broker;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.Durations;
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
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.support.DefaultMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route {@code jms-in} does with a submission, all in the JMS session that received it,
 * and so in one transaction: the mail into {@code mail.out}, or the submission into {@code
 * mail.rejected}, and the answer.
 */
public final class JmsDoor {
  private static final Logger LOG = LoggerFactory.getLogger(JmsDoor.class);
  private static final String SUBMITTED = "CaravanJmsSubmitted";

  private final Submission submission;
  private final JmsPayload payload;
  private final MailKeys keys;
  private final Duration holdMax;
  private final Users users;
  private final FanOut fanOut;
  private final boolean refusing;
  private final Clock clock = Clock.systemUTC();
  private final HandOver handOver = new HandOver(clock);
  private final SecureRandom random = new SecureRandom();

  /**
   * A submission in work.
   *
   * @param isMail whether the body is its mail
   * @param refusal why it is none; empty also for a repeat
   * @param keyed the mail's name when the application gave it a key
   * @param plan when it is one to many
   * @param isNew whether a plan is to be followed; else it is a repeat
   * @param answerTo where it wants its answers
   */
  private record Submitted(
      Session session,
      Message message,
      Optional<String> user,
      boolean isMail,
      Optional<FanOut.Plan> plan,
      boolean isNew,
      Optional<SmtpReply> refusal,
      Optional<MailId> keyed,
      Optional<AnswerTo> answerTo) {
    static Submitted of(Exchange exchange) {
      Submitted known = exchange.getProperty(SUBMITTED, Submitted.class);
      if (known == null) {
        throw new IllegalStateException("jms-in must consume from a JMS endpoint and read it");
      }
      return known;
    }
  }

  /** A rule said "later": the submission goes back to its queue and comes again. */
  static final class DeferredException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    DeferredException(SmtpReply reply) {
      super("deferred by a rule: " + reply);
    }
  }

  /**
   * @param keys of applications' mails, those of all doors
   * @param holdMax how far away the time may be that an application wants its mail sent at
   * @param users whose accounts say what an application may do
   * @param fanOut takes in what is to many
   * @param putOff what happens with a submission that is deferred: {@code wait} or {@code refuse}
   */
  public JmsDoor(
      String hostname,
      int recipientsMax,
      long sizeMax,
      String spoolDir,
      long spoolThreshold,
      MailKeys keys,
      String holdMax,
      Users users,
      FanOut fanOut,
      String putOff) {
    Workspace room = new Workspace(Optional.of(Path.of(spoolDir)), spoolThreshold);
    this.submission = new Submission(hostname, recipientsMax, sizeMax, room);
    this.fanOut = fanOut;
    this.refusing = putOff.equals("refuse");
    this.payload = new JmsPayload(Path.of(spoolDir), spoolThreshold);
    this.keys = keys;
    this.holdMax = Durations.parse(holdMax);
    this.users = users;
  }

  /** Makes the body a {@link Mail}; a submission that is none becomes a refusal, or a repeat. */
  public void read(Exchange exchange) throws JMSException, IOException {
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
    try {
      body = payload.body(message);
      Map<String, Object> properties = JmsPayload.properties(message);
      plan = fanOut.plan(properties, body);
      if (plan.isPresent()) {
        Wishes wishes = ofMessage(plan.get().wishes(), message);
        plan = Optional.of(plan.get().with(wishes));
        keyed = wishes.key().map(key -> MailKeys.id(user, key));
        wishes.requireNotAfter(clock.instant().plus(holdMax));
        isNew = keyed.isEmpty() || !isKnown(exchange, keyed.get());
      } else {
        Submission.Opened opened = Submission.open(properties, fanOut.filled(properties, body));
        keyed = opened.wishes().key().map(key -> MailKeys.id(user, key));
        isNew = keyed.isEmpty() || !isKnown(exchange, keyed.get());
        if (isNew) {
          MailId id = keyed.orElseGet(() -> MailId.next(clock, random));
          Mail mail = submission.mail(opened, id, Origin.jms(user, clock.instant()));
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
    exchange.setProperty(
        SUBMITTED,
        new Submitted(session, message, user, isMail, plan, isNew, refusal, keyed, answerTo));
  }

  /** Who sent it, as the broker knows. */
  private static Optional<String> user(Exchange exchange, Message message) throws JMSException {
    String name = broker(exchange).isOurs() ? Broker.SUBMITTED_BY : "JMSXUserID";
    return Optional.ofNullable(message.getStringProperty(name)).filter(user -> !user.isEmpty());
  }

  private static Broker broker(Exchange exchange) {
    return exchange.getContext().getRegistry().findSingleByType(Broker.class);
  }

  private boolean isKnown(Exchange exchange, MailId id) {
    return keys.isKnown(id, clock.instant(), broker(exchange));
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

  /** Whether {@link #read} found a mail that is new. */
  public boolean isMail(Exchange exchange) {
    return Submitted.of(exchange).isMail();
  }

  /** Whether it is of a user, who has rates; an operator's own programs have none. */
  public boolean isUsers(Exchange exchange) {
    return Submitted.of(exchange).user().flatMap(users::find).isPresent();
  }

  /** Puts a decided mail where its verdict says, and answers. */
  public List<MailEvent> settle(Exchange exchange) throws JMSException, IOException {
    Submitted submitted = Submitted.of(exchange);
    if (submitted.refusal().isPresent()) {
      reject(submitted, submitted.refusal().get());
      LOG.info("a submission was refused: {}", submitted.refusal().get());
      return List.of();
    }
    if (submitted.plan().isPresent()) {
      return takeAll(exchange, submitted, submitted.plan().get());
    }
    if (!submitted.isMail()) {
      return repeated(submitted);
    }
    Mail mail = exchange.getIn().getBody(Mail.class);
    try {
      return switch (Ruling.of(mail.verdict())) {
        case Ruling.Take to -> take(exchange, mail, to);
        case Ruling.PutOff later -> putOff(submitted, mail, later.reply());
        case Ruling.Refuse refuse -> rejected(submitted, mail, refuse.reply());
      };
    } finally {
      Workspace.discard(mail.content());
    }
  }

  /** Sends what is taken in, and the answer, with the session's transaction. */
  private interface Taking {
    void send() throws JMSException, IOException;
  }

  private List<MailEvent> take(Exchange exchange, Mail mail, Ruling.Take to)
      throws JMSException, IOException {
    Submitted submitted = Submitted.of(exchange);
    return takeOnce(exchange, submitted, () -> accept(exchange, submitted, mail, to.queue()))
        ? List.of(event(to.type(), mail, Optional.empty()))
        : repeated(submitted);
  }

  /** What is to many: their mails are made later, and get the policy's verdict then. */
  private List<MailEvent> takeAll(Exchange exchange, Submitted submitted, FanOut.Plan plan)
      throws JMSException, IOException {
    try {
      MailId id = submitted.keyed().orElseGet(() -> MailId.next(clock, random));
      Taking all =
          () -> {
            Session session = submitted.session();
            fanOut.put(session, plan, id, submitted.user(), submitted.answerTo());
            answerAccepted(submitted, id);
          };
      if (!submitted.isNew() || !takeOnce(exchange, submitted, all)) {
        return repeated(submitted);
      }
      LOG.info("{}: taken in for {} recipients", id, plan.count());
      return List.of();
    } finally {
      if (plan.body() instanceof Path file) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Commits what has a key, so that whoever waits with the same key finds it known.
   *
   * @return false when it is known already
   */
  private boolean takeOnce(Exchange exchange, Submitted submitted, Taking taking)
      throws JMSException, IOException {
    if (submitted.keyed().isEmpty()) {
      taking.send();
      return true;
    }
    MailId id = submitted.keyed().get();
    Session session = submitted.session();
    ReentrantLock lock = keys.lock(id);
    lock.lock();
    try {
      if (isKnown(exchange, id)) {
        return false;
      }
      taking.send();
      boolean first = !submitted.message().getJMSRedelivered();
      keys.mark(session, id, clock.instant(), first);
      session.commit();
      keys.remember(id);
      return true;
    } catch (JMSException e) {
      if (MailKeys.isRepeat(e)) {
        // Another node has taken it in: when the submission comes again it is known.
        keys.remember(id);
      }
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private List<MailEvent> repeated(Submitted submitted) throws JMSException {
    MailId id = submitted.keyed().orElseThrow();
    LOG.info("{}: submitted again with its key", id);
    answerAccepted(submitted, id);
    return List.of();
  }

  private void accept(Exchange exchange, Submitted submitted, Mail mail, String queue)
      throws JMSException, IOException {
    if (!queue.isEmpty()) {
      handOver.put(exchange, submitted.session(), mail, queue);
    }
    answerAccepted(submitted, mail.id());
  }

  private static void answerAccepted(Submitted submitted, MailId id) throws JMSException {
    if (submitted.answerTo().isPresent()) {
      Session session = submitted.session();
      AnswerTo to = submitted.answerTo().get();
      if (submitted.plan().isPresent()) {
        Answers.acceptedAll(session, to, id.value(), submitted.plan().get().count());
      } else {
        Answers.accepted(session, to, id.value());
      }
    }
  }

  private List<MailEvent> putOff(Submitted submitted, Mail mail, SmtpReply reply)
      throws JMSException {
    if (refusing) {
      return rejected(submitted, mail, reply);
    }
    throw new DeferredException(reply);
  }

  private List<MailEvent> rejected(Submitted submitted, Mail mail, SmtpReply reply)
      throws JMSException {
    reject(submitted, reply);
    return List.of(event(MailEvent.Type.REJECTED, mail, Optional.of(reply)));
  }

  private void reject(Submitted submitted, SmtpReply reply) throws JMSException {
    MailId id = MailId.next(clock, random);
    Rejections.put(submitted.session(), submitted.message(), reply, id, clock.instant());
    if (submitted.answerTo().isPresent()) {
      Answers.rejected(submitted.session(), submitted.answerTo().get(), reply);
    }
  }

  private MailEvent event(MailEvent.Type type, Mail mail, Optional<SmtpReply> reply) {
    return MailEvents.ofMail(type, mail, reply, clock.instant());
  }
}
