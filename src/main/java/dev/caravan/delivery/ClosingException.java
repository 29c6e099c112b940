package dev.caravan.delivery;

import dev.caravan.mail.SmtpReply;
import java.io.IOException;

/** The server said 421: it closes the connection, whatever was asked (RFC 5321, 3.8). */
final class ClosingException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient SmtpReply reply;

  ClosingException(SmtpReply reply) {
    super(reply.toString());
    this.reply = reply;
  }

  SmtpReply reply() {
    return reply;
  }
}
