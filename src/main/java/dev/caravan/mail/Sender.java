package dev.caravan.mail;

/**
 * The question at MAIL FROM.
 *
 * @param declaredSize octets the client announced with SIZE=; 0 when it did not
 */
public record Sender(Origin origin, ReversePath sender, long declaredSize, Verdict verdict)
    implements Question<Sender> {
  public Sender(Origin origin, ReversePath sender, long declaredSize) {
    this(origin, sender, declaredSize, Verdict.UNDECIDED);
  }

  @Override
  public Sender failed(Verdict.Defer v) {
    return new Sender(origin, sender, declaredSize, v);
  }

  @Override
  public String phase() {
    return "sender";
  }

  @Override
  public Sender decide(Verdict v) {
    return isDecided() ? this : new Sender(origin, sender, declaredSize, v);
  }
}
