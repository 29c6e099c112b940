package dev.caravan.event;

import dev.caravan.event.MailEvent.Type;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Makes events of what happened. */
public final class MailEvents {
  private MailEvents() {}

  /** A fact about a mail on its way in. */
  public static MailEvent ofMail(Type type, Mail mail, Optional<SmtpReply> reply, Instant at) {
    return new MailEvent(
        type,
        at,
        mail.id().value(),
        mail.sender().toString(),
        mail.recipients().stream().map(EmailAddress::toString).toList(),
        "",
        0,
        reply,
        peer(mail),
        mail.origin().tls().orElse(""),
        -1,
        mail.origin().source().toString(),
        false,
        mail.origin().user().orElse(""));
  }

  /** A recipient of a submission to many that no mail was made for. */
  public static MailEvent noMail(
      String mailId, String from, String to, SmtpReply reply, String application, Instant at) {
    return new MailEvent(
        Type.REJECTED,
        at,
        mailId,
        from,
        List.of(to),
        "",
        0,
        Optional.of(reply),
        "",
        "",
        -1,
        Origin.Source.JMS.toString(),
        false,
        application);
  }

  /** A sender or recipient that was refused. */
  public static MailEvent refused(
      Question<?> question, String from, List<String> to, SmtpReply reply, Instant at) {
    return new MailEvent(
        Type.REJECTED,
        at,
        "",
        from,
        to,
        "",
        0,
        Optional.of(reply),
        peer(question),
        question.origin().tls().orElse(""),
        -1,
        question.origin().source().toString(),
        false,
        question.origin().user().orElse(""));
  }

  /** A client that was cut off, turned away, or failed to log in. */
  public static MailEvent cutOff(
      String listener, InetSocketAddress peer, SmtpReply reply, Instant at) {
    return new MailEvent(
        Type.REJECTED,
        at,
        "",
        "",
        List.of(),
        listener,
        0,
        Optional.of(reply),
        text(peer),
        "",
        -1,
        Origin.Source.SMTP.toString(),
        false);
  }

  /** How an attempt ended for recipients that got the same reply. */
  public static MailEvent ofAttempt(
      Type type,
      QueuedMail mail,
      List<? extends Outcome> outcomes,
      String peer,
      String tls,
      Duration took,
      Instant at) {
    return new MailEvent(
        type,
        at,
        mail.id().value(),
        mail.envelope().sender().toString(),
        outcomes.stream().map(o -> o.recipient().toString()).toList(),
        mail.site(),
        mail.attempts() + 1,
        Optional.of(outcomes.getFirst().reply()),
        peer,
        tls,
        took.toMillis(),
        mail.source().toString(),
        outcomes.stream().anyMatch(o -> o instanceof Outcome.Deferred d && d.maybeDuplicate()),
        mail.notes().user());
  }

  /** What an operator has done with a waiting mail, in the operator's words as the reply. */
  public static MailEvent ofOrder(Type type, QueuedMail mail, SmtpReply reply, Instant at) {
    return new MailEvent(
        type,
        at,
        mail.id().value(),
        mail.envelope().sender().toString(),
        mail.envelope().recipients().stream().map(EmailAddress::toString).toList(),
        mail.site(),
        mail.attempts(),
        Optional.of(reply),
        "",
        "",
        -1,
        mail.source().toString(),
        false,
        mail.notes().user());
  }

  private static String peer(Question<?> question) {
    return question.origin().peer().map(MailEvents::text).orElse("");
  }

  private static String text(InetSocketAddress peer) {
    return peer.getAddress().getHostAddress() + ":" + peer.getPort();
  }
}
