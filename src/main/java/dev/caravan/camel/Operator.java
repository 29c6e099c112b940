package dev.caravan.camel;

import dev.caravan.bounce.BounceWriter;
import dev.caravan.bounce.Report;
import dev.caravan.camel.spool.Task;
import dev.caravan.delivery.SmarthostTable;
import dev.caravan.event.Answer;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.Mail;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.MailState;
import dev.caravan.queue.Order;
import dev.caravan.queue.QueuedMail;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** From an operator's order to what becomes of the mail; used by the route {@code operate}. */
public final class Operator {
  private final BounceWriter bounces;
  private final SmarthostTable smarthosts;
  private final InstantSource clock;

  public Operator(BounceWriter bounces, SmarthostTable smarthosts) {
    this(bounces, smarthosts, Clock.systemUTC());
  }

  Operator(BounceWriter bounces, SmarthostTable smarthosts, InstantSource clock) {
    this.bounces = bounces;
    this.smarthosts = smarthosts;
    this.clock = clock;
  }

  /** What the order means for this mail. */
  public Act act(Task task) {
    QueuedMail mail = task.mail();
    String reason = task.order().reason();
    return switch (task.order().command()) {
      case HOLD ->
          Act.hold(
              mail.withNotes(mail.notes().withHeldWhy(reason.isEmpty() ? "by command" : reason)),
              event(MailEvent.Type.HELD, mail, done("Held", reason)));
      case RELEASE -> {
        QueuedMail free = mail.withNotes(mail.notes().withHeldWhy(""));
        yield Act.deliver(free, event(MailEvent.Type.QUEUED, free, done("Released", reason)));
      }
      case RETRY -> {
        QueuedMail due = withoutDelay(mail);
        yield Act.deliver(due, event(MailEvent.Type.QUEUED, due, done("Due now", reason)));
      }
      case REROUTE -> reroute(task, reason);
      case BOUNCE -> bounce(mail, reason);
      case DELETE -> {
        MailEvent deleted = event(MailEvent.Type.DELETED, mail, done("Deleted", reason));
        yield Act.end(
            List.of(), List.of(), deleted, Answer.of(mail.envelope().options(), List.of(deleted)));
      }
    };
  }

  /** Mail that an operator must look at first stays where it is. */
  private Act reroute(Task task, String reason) {
    QueuedMail other = elsewhere(withoutDelay(task.mail()), task.order());
    MailEvent event =
        event(MailEvent.Type.QUEUED, other, done("Rerouted via " + task.order().via(), reason));
    Optional<MailState> state = MailState.ofQueue(task.queue());
    if (state.filter(MailState.HELD::equals).isPresent()) {
      return Act.hold(other, event.withType(MailEvent.Type.HELD));
    }
    return state.filter(MailState.QUARANTINED::equals).isPresent()
        ? Act.quarantine(other, event.withType(MailEvent.Type.HELD))
        : Act.deliver(other, event);
  }

  /** With the site of a smarthost it shares its limits with the other mail that goes there. */
  private QueuedMail elsewhere(QueuedMail mail, Order order) {
    return order
        .viaName()
        .flatMap(smarthosts::siteOf)
        .map(mail::withSite)
        .orElseGet(() -> mail.withVia(order.via()));
  }

  private Act bounce(QueuedMail mail, String reason) {
    SmtpReply reply =
        SmtpReply.of(
            550,
            "5.7.1",
            "Returned by the administrator"
                + (reason.isEmpty() ? "" : ": " + reason)
                + lastReply(mail));
    List<Report> failures =
        mail.envelope().recipients().stream()
            .filter(recipient -> mail.envelope().dsn(recipient).wantsFailure())
            .map(recipient -> new Report(recipient, reply, Report.Action.FAILED))
            .toList();
    Optional<Mail> report = bounces.failure(mail, failures, "");
    MailEvent event = event(MailEvent.Type.BOUNCED, mail, reply);
    return Act.end(
        report.stream().toList(),
        report.isEmpty() && !failures.isEmpty() ? List.of(mail) : List.of(),
        event,
        Answer.of(mail.envelope().options(), List.of(event)));
  }

  private static String lastReply(QueuedMail mail) {
    String reply = mail.lastReply().replaceAll("\\p{Cntrl}", " ");
    return reply.isEmpty() ? "" : "; the last reply was: " + reply;
  }

  /** A mail that its sender wanted to be sent later goes now, and is as old as that. */
  private QueuedMail withoutDelay(QueuedMail mail) {
    Instant now = clock.instant();
    return mail.envelope()
        .options()
        .holdUntil()
        .filter(now::isBefore)
        .map(
            until ->
                mail.withEnvelope(
                    mail.envelope().withOptions(mail.envelope().options().withHoldUntil(now))))
        .orElse(mail);
  }

  private MailEvent event(MailEvent.Type type, QueuedMail mail, SmtpReply reply) {
    return MailEvents.ofOrder(type, mail, reply, clock.instant());
  }

  private static SmtpReply done(String what, String reason) {
    return SmtpReply.of(
        250, "2.0.0", what + " by the administrator" + (reason.isEmpty() ? "" : ": " + reason));
  }
}
