package dev.caravan.camel;

import dev.caravan.bounce.BounceWriter;
import dev.caravan.bounce.Report;
import dev.caravan.delivery.Attempt;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    List<Outcome> failed = new ArrayList<>(wanted(mail, attempt.failed()));
    failed.addAll(wanted(mail, tooOld));
    List<Report> failures = new ArrayList<>(reports(wanted(mail, attempt.failed()), false));
    failures.addAll(reports(wanted(mail, tooOld), true));
    List<Mail> reports = new ArrayList<>();
    Optional<Mail> bounced = bounces.failure(mail, failures, attempt.peer());
    bounced.ifPresent(reports::add);
    List<Outcome.Delivered> successes =
        attempt.delivered().stream()
            .filter(d -> mail.envelope().dsn(d.recipient()).wantsSuccess() && !d.tellsSender())
            .toList();
    bounces.success(mail, reports(successes, false), attempt.peer()).ifPresent(reports::add);
    Optional<QueuedMail> unreportable =
        !failed.isEmpty() && bounced.isEmpty()
            ? Optional.of(remaining(mail, failed))
            : Optional.empty();
    Optional<QueuedMail> retry =
        deferred.isEmpty() ? Optional.empty() : Optional.of(remaining(mail, deferred));
    if (retry.isPresent() && ladder.warnDue(mail, now)) {
      bounces
          .delay(mail, reports(late(mail, deferred), false), attempt.peer(), ladder.expiresAt(mail))
          .ifPresent(reports::add);
      retry = retry.map(QueuedMail::withWarned);
    }
    return new Settlement(retry.stream().toList(), reports, unreportable.stream().toList(), events);
  }

  /** Those whose failure the sender wants to be told (RFC 3461, 4.1). */
  private static <T extends Outcome> List<T> wanted(QueuedMail mail, List<T> failed) {
    return failed.stream().filter(o -> mail.envelope().dsn(o.recipient()).wantsFailure()).toList();
  }

  private static List<Outcome.Deferred> late(QueuedMail mail, List<Outcome.Deferred> deferred) {
    return deferred.stream().filter(o -> mail.envelope().dsn(o.recipient()).wantsDelay()).toList();
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
    return new Attempt(attempt.mail(), all, attempt.peer(), attempt.tls(), attempt.took());
  }

  /** What follows when our own code failed: all recipients are deferred. */
  public Settlement settleError(QueuedMail mail) {
    List<Outcome> outcomes =
        mail.envelope().recipients().stream()
            .<Outcome>map(r -> new Outcome.Deferred(r, OUR_ERROR, false))
            .toList();
    return settle(new Attempt(mail, outcomes, "", "", Duration.ZERO));
  }

  private static QueuedMail remaining(QueuedMail mail, List<? extends Outcome> outcomes) {
    List<EmailAddress> recipients = outcomes.stream().map(Outcome::recipient).toList();
    return mail.afterAttempt(
        mail.envelope().withRecipients(recipients), outcomes.getFirst().reply().toString());
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

  private static List<Report> reports(List<? extends Outcome> outcomes, boolean expired) {
    return outcomes.stream().map(o -> new Report(o.recipient(), o.reply(), expired)).toList();
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
