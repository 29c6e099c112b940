package dev.caravan.smtp;

import dev.caravan.mail.Connection;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;

/** What the client hears when the questions about its mail have been answered. */
final class Answers {
  private final MailDialogue mail;
  private final Patience patience;

  Answers(MailDialogue mail, Patience patience) {
    this.mail = mail;
    this.patience = patience;
  }

  /**
   * A question of a mail was answered.
   *
   * @param trusted whether the client may relay
   */
  Step of(Question<?> question, boolean trusted) {
    return switch (question.verdict()) {
      case Verdict.Reject reject -> rejected(question, reject.reply(), trusted);
      case Verdict.Defer defer -> deferred(question, defer.reply());
      case Verdict.Close close -> closed(close.reply());
      case Verdict.Accept a -> accepted(question);
      case Verdict.Undecided u -> accepted(question);
    };
  }

  private Step accepted(Question<?> question) {
    return switch (question) {
      case Connection c -> throw new IllegalArgumentException("a connection is no mail");
      case Sender s -> mail.begin(s);
      case Recipient r -> mail.add(r);
      case Mail m -> taken(m);
    };
  }

  private Step taken(Mail accepted) {
    mail.drop();
    patience.forgive();
    return new Step.Reply(Replies.queued(accepted.id()));
  }

  private Step rejected(Question<?> question, SmtpReply reply, boolean trusted) {
    dropIfWhole(question);
    return refused(reply, trusted);
  }

  private Step deferred(Question<?> question, SmtpReply reply) {
    dropIfWhole(question);
    return new Step.Reply(Replies.coded(reply));
  }

  /** A client that is let go hears 421 or 554 (RFC 5321, 3.8 and 4.2.1). */
  Step closed(SmtpReply reply) {
    mail.drop();
    return Step.Close.polite(
        Replies.coded(Replies.withCode(reply.isTemporary() ? 421 : 554, reply)));
  }

  /** A question could not be answered: an error of ours, so the client comes again. */
  Step failed(Question<?> question) {
    dropIfWhole(question);
    return new Step.Reply(Replies.LOCAL_ERROR);
  }

  /** The message has ended, or can't begin, and is refused for this reason. */
  Step messageRefused(SmtpReply reply, boolean trusted) {
    mail.drop();
    return reply.isPermanent() ? refused(reply, trusted) : new Step.Reply(reply);
  }

  private void dropIfWhole(Question<?> question) {
    if (question instanceof Mail) {
      mail.drop();
    }
  }

  /** That counts as an error only of strangers: who may relay may be wrong often. */
  private Step refused(SmtpReply reply, boolean trusted) {
    SmtpReply coded = Replies.coded(reply);
    return trusted ? new Step.Reply(coded) : patience.refuse(coded);
  }
}
