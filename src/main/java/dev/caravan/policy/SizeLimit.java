package dev.caravan.policy;

import dev.caravan.mail.Mail;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;

/** Refuses messages over a size (RFC 1870), by what was declared and by what came. */
public final class SizeLimit {
  private static final Verdict.Reject TOO_BIG =
      new Verdict.Reject(SmtpReply.of(552, "5.3.4", "Message exceeds the size limit"));

  private final long max;

  /**
   * @param max octets
   */
  public SizeLimit(long max) {
    this.max = max;
  }

  public Sender checkDeclared(Sender question) {
    return question.declaredSize() > max ? question.decide(TOO_BIG) : question;
  }

  public Mail check(Mail mail) {
    return mail.size() > max + TRACE_ALLOWANCE ? mail.decide(TOO_BIG) : mail;
  }

  /** Our own trace fields do not count against the sender. */
  private static final int TRACE_ALLOWANCE = 4096;
}
