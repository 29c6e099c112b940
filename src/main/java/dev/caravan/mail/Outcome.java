package dev.caravan.mail;

/** How one attempt ended for one recipient: done, later or never. */
public sealed interface Outcome {
  EmailAddress recipient();

  /** The remote server's reply, or ours where it had no say. Never empty. */
  SmtpReply reply();

  /**
   * The remote server has taken responsibility.
   *
   * @param reach what that means for a sender who wants to be told of success
   */
  record Delivered(EmailAddress recipient, SmtpReply reply, Reach reach) implements Outcome {
    /** By a server that tells the sender itself. */
    public Delivered(EmailAddress recipient, SmtpReply reply) {
      this(recipient, reply, Reach.PASSED_ON);
    }
  }

  /** How far a delivered mail has got (RFC 3461, 5.2). */
  enum Reach {
    /** To a server that knows DSN: what was asked for is now its duty. */
    PASSED_ON,
    /** To a server that does not know DSN: who asked is told that nothing more will be heard. */
    RELAYED,
    /** To where it is read. */
    FINAL
  }

  /**
   * Not now.
   *
   * @param maybeDuplicate the connection was lost after the final dot: the remote server may have
   *     it
   */
  record Deferred(EmailAddress recipient, SmtpReply reply, boolean maybeDuplicate)
      implements Outcome {}

  /** Never. The sender is told. */
  record Failed(EmailAddress recipient, SmtpReply reply) implements Outcome {}
}
