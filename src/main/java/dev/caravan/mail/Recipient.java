package dev.caravan.mail;

/**
 * The question at RCPT TO. It is safe by construction: one that ends without {@code relayPermitted}
 * is refused, whatever the routes say or leave out, so that no edit makes an open relay by
 * accident.
 *
 * @param dsn what the client asked for this recipient
 * @param relayPermitted whether a rule has established that we may take mail for this recipient
 */
public record Recipient(
    Origin origin,
    ReversePath sender,
    EmailAddress recipient,
    DsnRequest dsn,
    boolean relayPermitted,
    Verdict verdict)
    implements Question<Recipient> {
  public Recipient(Origin origin, ReversePath sender, EmailAddress recipient, DsnRequest dsn) {
    this(origin, sender, recipient, dsn, false, Verdict.UNDECIDED);
  }

  public Recipient(Origin origin, ReversePath sender, EmailAddress recipient) {
    this(origin, sender, recipient, DsnRequest.NONE, false, Verdict.UNDECIDED);
  }

  @Override
  public Recipient failed(Verdict.Defer v) {
    return new Recipient(origin, sender, recipient, dsn, relayPermitted, v);
  }

  @Override
  public String phase() {
    return "recipient";
  }

  @Override
  public Recipient decide(Verdict v) {
    return isDecided() ? this : new Recipient(origin, sender, recipient, dsn, relayPermitted, v);
  }

  /** The same question, with the permission to relay established. */
  public Recipient permitRelay() {
    return new Recipient(origin, sender, recipient, dsn, true, verdict);
  }

  /** The same question about another recipient, to whom the mail goes instead. */
  public Recipient withRecipient(EmailAddress other) {
    return new Recipient(origin, sender, other, dsn, relayPermitted, verdict);
  }
}
