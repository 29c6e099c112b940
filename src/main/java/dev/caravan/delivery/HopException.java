package dev.caravan.delivery;

import dev.caravan.mail.SmtpReply;

/**
 * This server can't be used now: nothing has been decided for any recipient, so another may be
 * tried.
 */
final class HopException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient SmtpReply reply;
  private final boolean tlsFailed;

  /**
   * @param reply always temporary: what one server's trouble means for a recipient is "later"
   */
  HopException(SmtpReply reply) {
    this(reply, false);
  }

  private HopException(SmtpReply reply, boolean tlsFailed) {
    super(reply.toString(), null, false, false);
    this.reply = reply;
    this.tlsFailed = tlsFailed;
  }

  /** The handshake failed: where TLS is only an opportunity, clear text is the next try. */
  static HopException tls(SmtpReply reply) {
    return new HopException(reply, true);
  }

  boolean tlsFailed() {
    return tlsFailed;
  }

  SmtpReply reply() {
    return reply;
  }
}
