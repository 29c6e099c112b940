package dev.caravan.policy;

import dev.caravan.mail.Mail;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;

/** Refuses a mail that has come through too many servers: it loops (RFC 5321, 6.3). */
public final class LoopCheck {
  private final int max;

  /**
   * @param max Received fields that a mail may have, ours included
   */
  public LoopCheck(int max) {
    this.max = max;
  }

  public Mail check(Mail mail) {
    return mail.isDecided() || mail.content().header().count("Received") <= max
        ? mail
        : mail.decide(
            new Verdict.Reject(SmtpReply.of(554, "5.4.6", "Too many hops: the mail loops")));
  }
}
