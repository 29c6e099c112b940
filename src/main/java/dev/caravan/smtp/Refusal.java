package dev.caravan.smtp;

import dev.caravan.mail.SmtpReply;

/** A command that can't be carried out, and what the client hears. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient SmtpReply reply;

  Refusal(SmtpReply reply) {
    super(reply.toString(), null, false, false);
    this.reply = reply;
  }

  SmtpReply reply() {
    return reply;
  }
}
