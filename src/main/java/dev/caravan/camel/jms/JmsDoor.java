package dev.caravan.camel.jms;

import dev.caravan.auth.Users;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.Durations;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.SmtpReply;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route {@code jms-in} does with a submission, all in the JMS session that received it,
 * and so in one transaction: the mail into {@code mail.out}, or the submission into {@code
 * mail.rejected}, and the answer.
 */
public final class JmsDoor {
  private static final Logger LOG = LoggerFactory.getLogger(JmsDoor.class);

  private final JmsReader reader;
  private final JmsOnce once;
  private final Users users;
  private final FanOut fanOut;
  private final boolean refusing;
  private final Clock clock = Clock.systemUTC();
  private final Postponement postponement = new Postponement(clock);
  private final SecureRandom random = new SecureRandom();

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
    this.fanOut = fanOut;
    this.refusing = putOff.equals("refuse");
    this.users = users;
    this.once = new JmsOnce(keys, clock);
    Path room = Path.of(spoolDir);
    this.reader =
        new JmsReader(
            new Submission(
                hostname, recipientsMax, sizeMax, new Workspace(Optional.of(room), spoolThreshold)),
            new JmsPayload(room, spoolThreshold),
            once,
            Durations.parse(holdMax),
            users,
            fanOut,
            clock,
            random);
  }

  /** Makes the body a {@link Mail}; a submission that is none becomes a refusal, or a repeat. */
  public void read(Exchange exchange) throws JMSException, IOException {
    reader.read(exchange).on(exchange);
  }

  /** Whether {@link #read} found a mail that is new. */
  public boolean isMail(Exchange exchange) {
    return JmsSubmitted.of(exchange).isMail();
  }

  /** Whether it is of a user, who has rates; an operator's own programs have none. */
  public boolean isUsers(Exchange exchange) {
    return JmsSubmitted.of(exchange).user().flatMap(users::find).isPresent();
  }

  /** Puts a decided mail where its verdict says, and answers. */
  public List<MailEvent> settle(Exchange exchange) throws JMSException, IOException {
    JmsSubmitted submitted = JmsSubmitted.of(exchange);
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
        case Ruling.PutOff later -> putOff(exchange, submitted, mail, later.reply());
        case Ruling.Refuse refuse -> rejected(submitted, mail, refuse.reply());
      };
    } finally {
      Workspace.discard(mail.content());
    }
  }

  private List<MailEvent> take(Exchange exchange, Mail mail, Ruling.Take to)
      throws JMSException, IOException {
    JmsSubmitted submitted = JmsSubmitted.of(exchange);
    return once.take(exchange, submitted, () -> accept(exchange, submitted, mail, to.queue()))
        ? List.of(event(to.type(), mail, Optional.empty()))
        : repeated(submitted);
  }

  /** What is to many: their mails are made later, and get the policy's verdict then. */
  private List<MailEvent> takeAll(Exchange exchange, JmsSubmitted submitted, FanOut.Plan plan)
      throws JMSException, IOException {
    try {
      MailId id = submitted.keyed().orElseGet(() -> MailId.next(clock, random));
      JmsOnce.Taking all =
          () -> {
            Session session = submitted.session();
            fanOut.put(session, plan, id, submitted.user(), submitted.answerTo());
            answerAccepted(submitted, id);
          };
      if (!submitted.isNew() || !once.take(exchange, submitted, all)) {
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

  private List<MailEvent> repeated(JmsSubmitted submitted) throws JMSException {
    MailId id = submitted.keyed().orElseThrow();
    LOG.info("{}: submitted again with its key", id);
    removeStaged(submitted);
    answerAccepted(submitted, id);
    return List.of();
  }

  private void accept(Exchange exchange, JmsSubmitted submitted, Mail mail, String queue)
      throws JMSException, IOException {
    if (!queue.isEmpty()) {
      HandOver.put(exchange, submitted.session(), mail, queue);
    }
    removeStaged(submitted);
    answerAccepted(submitted, mail.id());
  }

  private static void removeStaged(JmsSubmitted submitted) throws JMSException {
    StagedFiles.remove(submitted.session(), submitted.user(), submitted.staged());
  }

  private static void answerAccepted(JmsSubmitted submitted, MailId id) throws JMSException {
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

  private List<MailEvent> putOff(
      Exchange exchange, JmsSubmitted submitted, Mail mail, SmtpReply reply) throws JMSException {
    if (refusing) {
      return rejected(submitted, mail, reply);
    }
    if (!postponement.put(JmsOnce.broker(exchange), submitted.session(), submitted.message())) {
      throw new DeferredException(reply);
    }
    LOG.debug("a submission is put off: {}", reply);
    return List.of();
  }

  private List<MailEvent> rejected(JmsSubmitted submitted, Mail mail, SmtpReply reply)
      throws JMSException {
    reject(submitted, reply);
    return List.of(event(MailEvent.Type.REJECTED, mail, Optional.of(reply)));
  }

  private void reject(JmsSubmitted submitted, SmtpReply reply) throws JMSException {
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
