package dev.caravan.camel;

import dev.caravan.bounce.BounceWriter;
import dev.caravan.bounce.Report;
import dev.caravan.delivery.Attempt;
import dev.caravan.event.Answer;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.QueuedMail;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From an attempt to what follows: deferred recipients wait on the ladder until they are too old;
 * failed and expired ones are told to the sender; everything is an event.
 */
public final class Outcomes {
  private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);
  private static final SmtpReply OUR_ERROR =
      SmtpReply.of(451, "4.3.0", "Local error in processing");

  private final Ladder ladder;
  private final BounceWriter bounces;
  private final InstantSource clock;

  public Outcomes(Ladder ladder, BounceWriter bounces) {
    this(ladder, bounces, Clock.systemUTC());
  }

  Outcomes(Ladder ladder, BounceWriter bounces, InstantSource clock) {
    this.ladder = ladder;
    this.bounces = bounces;
    this.clock = clock;
  }

  /**
   * What follows from this attempt. A recipient that has no outcome, which would be an error of
   * ours, is deferred: it must not get lost.
   */
  public Settlement settle(Attempt incomplete) {
    Attempt attempt = complete(incomplete);
    Instant now = clock.instant();
    QueuedMail mail = attempt.mail();
    boolean expired = ladder.expired(mail, now);
    List<Outcome.Deferred> deferred = expired ? List.of() : attempt.deferred();
    List<Outcome.Deferred> tooOld = expired ? attempt.deferred() : List.of();
    List<MailEvent> events = new ArrayList<>();
    tell(events, MailEvent.Type.DELIVERED, attempt, attempt.delivered(), now);
    tell(events, MailEvent.Type.DEFERRED, attempt, deferred, now);
    tell(events, MailEvent.Type.BOUNCED, attempt, attempt.failed(), now);
    tell(events, MailEvent.Type.EXPIRED, attempt, expired(tooOld), now);

    List<Mail> reports = new ArrayList<>();
    List<Report> failures =
        Stream.concat(
                reports(mail, attempt.failed(), Report.Action.FAILED, DsnRequest::wantsFailure),
                reports(mail, tooOld, Report.Action.EXPIRED, DsnRequest::wantsFailure))
            .toList();
    bounces.failure(mail, failures, attempt.peer()).ifPresent(reports::add);
    Optional<QueuedMail> unreportable =
        !failures.isEmpty() && reports.isEmpty()
            ? Optional.of(untold(mail, failures))
            : Optional.empty();
    bounces.success(mail, successes(attempt), attempt.peer()).ifPresent(reports::add);
    Optional<QueuedMail> retry =
        deferred.isEmpty()
            ? Optional.empty()
            : Optional.of(remaining(attempt, deferred))
                .map(waits -> remembering(waits, attempt, now));
    if (retry.isPresent() && ladder.warnDue(mail, now)) {
      List<Report> late =
          reports(mail, deferred, Report.Action.DELAYED, DsnRequest::wantsDelay).toList();
      bounces.delay(mail, late, attempt.peer(), ladder.expiresAt(mail)).ifPresent(reports::add);
      retry = retry.map(QueuedMail::withWarned);
    }
    return new Settlement(
        retry.stream().toList(),
        reports,
        unreportable.stream().toList(),
        events,
        Answer.of(mail.envelope().options(), events));
  }

  /** With what was said, for whoever asks why it waits. */
  private static QueuedMail remembering(QueuedMail mail, Attempt attempt, Instant now) {
    String title =
        "attempt "
            + mail.attempts()
            + ", "
            + now.truncatedTo(ChronoUnit.SECONDS)
            + (attempt.peer().isEmpty() ? "" : ", " + attempt.peer());
    return mail.withNotes(mail.notes().withAttempt(title, attempt.transcript().lines()));
  }

  private static Attempt complete(Attempt attempt) {
    Set<EmailAddress> missing = new LinkedHashSet<>(attempt.mail().envelope().recipients());
    attempt.outcomes().forEach(outcome -> missing.remove(outcome.recipient()));
    if (missing.isEmpty()) {
      return attempt;
    }
    LOG.error("{}: no outcome for {}; deferred", attempt.mail().id(), missing);
    List<Outcome> all = new ArrayList<>(attempt.outcomes());
    missing.forEach(recipient -> all.add(new Outcome.Deferred(recipient, OUR_ERROR, false)));
    return attempt.withOutcomes(all);
  }

  /** Whether the time is over until which its sender wanted it sent. */
  public boolean isOverdue(QueuedMail mail) {
    Instant now = clock.instant();
    return mail.envelope().options().expiresAt().filter(at -> !now.isBefore(at)).isPresent();
  }

  /** What follows when it is: the mail has expired, and no attempt is made. */
  public Settlement settleOverdue(QueuedMail mail) {
    String last = mail.lastReply().replaceAll("\\p{Cntrl}", " ");
    return settleDeferred(
        mail,
        SmtpReply.of(
            451,
            "4.4.7",
            "Its sender wanted it sent before; "
                + (last.isEmpty() ? "no attempt was made" : "the last reply was: " + last)));
  }

  /** What follows when our own code failed: all recipients are deferred. */
  public Settlement settleError(QueuedMail mail) {
    return settleDeferred(mail, OUR_ERROR);
  }

  private Settlement settleDeferred(QueuedMail mail, SmtpReply reply) {
    List<Outcome> outcomes =
        mail.envelope().recipients().stream()
            .<Outcome>map(r -> new Outcome.Deferred(r, reply, false))
            .toList();
    return settle(new Attempt(mail, outcomes, "", "", Duration.ZERO));
  }

  /** For the recipients that remain; a mail that had only to wait has had no attempt. */
  private static QueuedMail remaining(Attempt attempt, List<? extends Outcome> outcomes) {
    QueuedMail mail = attempt.mail();
    String reply = outcomes.getFirst().reply().toString();
    List<EmailAddress> recipients = outcomes.stream().map(Outcome::recipient).toList();
    return attempt.wasMade()
        ? mail.afterAttempt(mail.envelope().withRecipients(recipients), reply)
        : mail.unattempted(reply);
  }

  private static List<Outcome.Failed> expired(List<Outcome.Deferred> deferred) {
    EnhancedCode timeExpired = new EnhancedCode(4, 4, 7);
    return deferred.stream()
        .map(
            d ->
                new Outcome.Failed(
                    d.recipient(),
                    new SmtpReply(
                        450,
                        Optional.of(timeExpired),
                        List.of("Delivery time expired; the last reply was: " + d.reply()))))
        .toList();
  }

  /** Of those about whom the sender wants to be told. */
  private static Stream<Report> reports(
      QueuedMail mail,
      List<? extends Outcome> outcomes,
      Report.Action action,
      Predicate<DsnRequest> wanted) {
    return outcomes.stream()
        .filter(o -> wanted.test(mail.envelope().dsn(o.recipient())))
        .map(o -> new Report(o.recipient(), o.reply(), action));
  }

  /** Who has handed the duty to tell to the next server has nothing to say himself. */
  private static List<Report> successes(Attempt attempt) {
    List<Report> all = new ArrayList<>();
    for (Outcome.Delivered d : attempt.delivered()) {
      if (!attempt.mail().envelope().dsn(d.recipient()).wantsSuccess()) {
        continue;
      }
      switch (d.reach()) {
        case PASSED_ON -> {
          // it tells
        }
        case RELAYED -> all.add(new Report(d.recipient(), d.reply(), Report.Action.RELAYED));
        case FINAL -> all.add(new Report(d.recipient(), d.reply(), Report.Action.DELIVERED));
      }
    }
    return all;
  }

  /** A mail whose failure nobody can be told, though nobody said that it need not be. */
  private static QueuedMail untold(QueuedMail mail, List<Report> failures) {
    return mail.afterAttempt(
        mail.envelope().withRecipients(failures.stream().map(Report::recipient).toList()),
        failures.getFirst().reply().toString());
  }

  /** One event for all recipients that got the same reply. */
  private static void tell(
      List<MailEvent> events,
      MailEvent.Type type,
      Attempt attempt,
      List<? extends Outcome> outcomes,
      Instant now) {
    Map<SmtpReply, List<Outcome>> byReply = new LinkedHashMap<>();
    for (Outcome outcome : outcomes) {
      byReply.computeIfAbsent(outcome.reply(), r -> new ArrayList<>()).add(outcome);
    }
    for (List<Outcome> same : byReply.values()) {
      events.add(
          MailEvents.ofAttempt(
              type, attempt.mail(), same, attempt.peer(), attempt.tls(), attempt.took(), now));
    }
  }
}
