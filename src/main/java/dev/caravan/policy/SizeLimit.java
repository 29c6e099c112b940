package dev.caravan.policy;

import dev.caravan.auth.Account;
import dev.caravan.auth.Users;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;

/**
 * Refuses messages over a size (RFC 1870), by what was declared and by what came. A user may have
 * an own one, which is smaller.
 */
public final class SizeLimit {
  private static final Verdict.Reject TOO_BIG =
      new Verdict.Reject(SmtpReply.of(552, "5.3.4", "Message exceeds the size limit"));

  /** Our own trace fields do not count against the sender. */
  private static final int TRACE_ALLOWANCE = 4096;

  private final long max;
  private final Users users;

  /**
   * @param max octets
   * @param users whose accounts may have a limit of their own
   */
  public SizeLimit(long max, Users users) {
    this.max = max;
    this.users = users;
  }

  public Sender checkDeclared(Sender question) {
    if (question.isDecided()) {
      return question;
    }
    if (question.declaredSize() > max) {
      return question.decide(TOO_BIG);
    }
    long own = question.declaredSize() == 0 ? 0 : own(question.origin());
    return own > 0 && question.declaredSize() > own ? question.decide(over(own)) : question;
  }

  public Mail check(Mail mail) {
    if (mail.isDecided()) {
      return mail;
    }
    if (mail.size() > max + TRACE_ALLOWANCE) {
      return mail.decide(TOO_BIG);
    }
    long own = own(mail.origin());
    return own > 0 && mail.size() > own + TRACE_ALLOWANCE ? mail.decide(over(own)) : mail;
  }

  /** 0 = none. */
  private long own(Origin origin) {
    return origin.source() == Origin.Source.BOUNCE
        ? 0
        : origin.user().flatMap(users::find).map(Account::sizeMax).orElse(0L);
  }

  private static Verdict.Reject over(long own) {
    return new Verdict.Reject(
        SmtpReply.of(
            552, "5.3.4", "Message exceeds the size limit of your account, " + own + " octets"));
  }
}
