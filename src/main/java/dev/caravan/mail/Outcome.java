package dev.caravan.mail;

/** How one attempt ended for one recipient: done, later or never. */
public sealed interface Outcome {
  EmailAddress recipient();

  /** The remote server's reply, or ours where it had no say. Never empty. */
  SmtpReply reply();

  /**
   * The remote server has taken responsibility.
   *
   * @param tellsSender whether it also reports success where the sender asked for that (RFC 3461)
   */
  record Delivered(EmailAddress recipient, SmtpReply reply, boolean tellsSender)
      implements Outcome {
    public Delivered(EmailAddress recipient, SmtpReply reply) {
      this(recipient, reply, false);
    }
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
