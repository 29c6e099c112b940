package dev.caravan.camel.jms;

import dev.caravan.event.MailEvent;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import dev.caravan.queue.QueueNames;

/** What a verdict means for a mail that came without an SMTP session: there is none to close. */
sealed interface Ruling {
  /**
   * It is taken in.
   *
   * @param queue where it goes; empty = nowhere
   * @param type what is told of it
   */
  record Take(String queue, MailEvent.Type type) implements Ruling {}

  /** Not now. */
  record PutOff(SmtpReply reply) implements Ruling {}

  /** Never. */
  record Refuse(SmtpReply reply) implements Ruling {}

  static Ruling of(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Undecided u -> new Take(QueueNames.OUT, MailEvent.Type.QUEUED);
      case Verdict.Accept accept ->
          switch (accept.disposition()) {
            case QUEUE -> new Take(QueueNames.OUT, MailEvent.Type.QUEUED);
            case HOLD -> new Take(QueueNames.HELD, MailEvent.Type.HELD);
            case QUARANTINE -> new Take(QueueNames.QUARANTINE, MailEvent.Type.HELD);
            case DISCARD -> new Take("", MailEvent.Type.REJECTED);
          };
      case Verdict.Defer defer -> new PutOff(defer.reply());
      case Verdict.Reject reject -> new Refuse(reject.reply());
      case Verdict.Close close when close.reply().isTemporary() -> new PutOff(close.reply());
      case Verdict.Close close -> new Refuse(close.reply());
    };
  }
}
