package dev.caravan.smtp;

import dev.caravan.mail.SmtpReply;

/** How much of a client is put up with: errors, and commands in a row that bring no mail. */
final class Patience {
  private final SmtpLimits limits;
  private int errors;
  private int idleCommands;

  Patience(SmtpLimits limits) {
    this.limits = limits;
  }

  /** Whether a command is one too many that brings no mail. */
  boolean isOver(boolean bringsMail) {
    idleCommands = bringsMail ? 0 : idleCommands + 1;
    return idleCommands > limits.idleCommands();
  }

  /** An error of the client: it hears this, or that it was one too many. */
  Step refuse(SmtpReply reply) {
    errors++;
    return errors > limits.errors()
        ? Step.Close.offence(Replies.TOO_MANY_ERRORS)
        : new Step.Reply(reply);
  }

  /** Whoever brings mail that is taken may have been wrong before. */
  void forgive() {
    errors = 0;
  }
}
