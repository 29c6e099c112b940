package dev.caravan.mail;

/**
 * The question at MAIL FROM.
 *
 * @param declaredSize octets the client announced with SIZE=; 0 when it did not
 * @param options what the client asked for; a rule may change them
 */
public record Sender(
    Origin origin, ReversePath sender, long declaredSize, MailOptions options, Verdict verdict)
    implements Question<Sender> {
  public Sender(Origin origin, ReversePath sender, long declaredSize, MailOptions options) {
    this(origin, sender, declaredSize, options, Verdict.UNDECIDED);
  }

  public Sender(Origin origin, ReversePath sender, long declaredSize) {
    this(origin, sender, declaredSize, MailOptions.NONE, Verdict.UNDECIDED);
  }

  @Override
  public Sender failed(Verdict.Defer v) {
    return new Sender(origin, sender, declaredSize, options, v);
  }

  @Override
  public String phase() {
    return "sender";
  }

  @Override
  public Sender decide(Verdict v) {
    return isDecided() ? this : new Sender(origin, sender, declaredSize, options, v);
  }

  /** The same question with other options for the mail. */
  public Sender withOptions(MailOptions other) {
    return new Sender(origin, sender, declaredSize, other, verdict);
  }
}
