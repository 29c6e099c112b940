package dev.caravan.delivery;

import dev.caravan.mail.SmtpReply;

/**
 * This server can't be used now: nothing has been decided for any recipient, so another may be
 * tried.
 */
final class HopException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient SmtpReply reply;

  /**
   * @param reply always temporary: what one server's trouble means for a recipient is "later"
   */
  HopException(SmtpReply reply) {
    super(reply.toString(), null, false, false);
    this.reply = reply;
  }

  SmtpReply reply() {
    return reply;
  }
}
