package dev.caravan.camel;

import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The facts about a question that has been decided: the events {@code queued}, {@code held} …. */
public final class DoorEvents {
  private final InstantSource clock = Clock.systemUTC();

  /** Whether there is an event to tell: of every mail, and of whatever was refused. */
  public boolean isNews(Question<?> question) {
    return question instanceof Mail || refusal(question).isPresent();
  }

  /** The event of this question; none for one that merely passed. */
  public List<MailEvent> of(Question<?> question) {
    return switch (question) {
      case Mail mail -> List.of(ofMail(mail));
      case Sender s -> refused(s, s.sender().toString(), List.of());
      case Recipient r -> refused(r, r.sender().toString(), List.of(r.recipient().toString()));
      case dev.caravan.mail.Connection c -> refused(c, "", List.of());
    };
  }

  private MailEvent ofMail(Mail mail) {
    return switch (mail.verdict()) {
      case Verdict.Undecided u -> event(MailEvent.Type.QUEUED, mail, Optional.empty());
      case Verdict.Accept accept ->
          switch (accept.disposition()) {
            case QUEUE -> event(MailEvent.Type.QUEUED, mail, Optional.empty());
            case HOLD, QUARANTINE -> event(MailEvent.Type.HELD, mail, Optional.of(reason(accept)));
            case DISCARD -> event(MailEvent.Type.REJECTED, mail, Optional.of(reason(accept)));
          };
      case Verdict.Defer defer -> event(MailEvent.Type.REJECTED, mail, Optional.of(defer.reply()));
      case Verdict.Reject reject ->
          event(MailEvent.Type.REJECTED, mail, Optional.of(reject.reply()));
      case Verdict.Close close -> event(MailEvent.Type.REJECTED, mail, Optional.of(close.reply()));
    };
  }

  private static SmtpReply reason(Verdict.Accept accept) {
    String reason = accept.reason().isEmpty() ? "" : ": " + accept.reason();
    return SmtpReply.of(250, "2.0.0", (accept.disposition() + reason).replaceAll("[\r\n\0]", " "));
  }

  private MailEvent event(MailEvent.Type type, Mail mail, Optional<SmtpReply> reply) {
    return MailEvents.ofMail(type, mail, reply, clock.instant());
  }

  private List<MailEvent> refused(Question<?> question, String from, List<String> to) {
    return refusal(question)
        .map(reply -> MailEvents.refused(question, from, to, reply, clock.instant()))
        .stream()
        .toList();
  }

  private static Optional<SmtpReply> refusal(Question<?> question) {
    return switch (question.verdict()) {
      case Verdict.Defer defer -> Optional.of(defer.reply());
      case Verdict.Reject reject -> Optional.of(reject.reply());
      case Verdict.Close close -> Optional.of(close.reply());
      case Verdict.Accept a -> Optional.empty();
      case Verdict.Undecided u -> Optional.empty();
    };
  }
}
