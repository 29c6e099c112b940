package dev.caravan.bounce;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.SmtpReply;

/**
 * What a report says of one recipient (RFC 3464, 2.3).
 *
 * @param reply the remote server's last words, or ours
 * @param expired whether the mail was given up because it became too old
 */
public record Report(EmailAddress recipient, SmtpReply reply, boolean expired) {
  private static final EnhancedCode TOO_OLD = new EnhancedCode(4, 4, 7);

  public Report(EmailAddress recipient, SmtpReply reply) {
    this(recipient, reply, false);
  }

  /**
   * The field Status: {@code 4.4.7} for what became too old, else the reply's enhanced code or one
   * made of its class. A delayed mail's class is 4 whatever the server said.
   */
  EnhancedCode status(boolean delayed) {
    if (expired) {
      return TOO_OLD;
    }
    EnhancedCode said = reply.status();
    if (delayed) {
      return new EnhancedCode(4, said.subject(), said.detail());
    }
    return said.category() == 2 ? new EnhancedCode(5, 0, 0) : said;
  }
}
