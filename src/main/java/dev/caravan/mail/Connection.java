package dev.caravan.mail;

/**
 * The question when a client has connected, before the greeting.
 *
 * @param origin what is known of the client; what a rule adds to it, later questions see
 */
public record Connection(Origin origin, Verdict verdict) implements Question<Connection> {
  public Connection(Origin origin) {
    this(origin, Verdict.UNDECIDED);
  }

  @Override
  public Connection failed(Verdict.Defer v) {
    return new Connection(origin, v);
  }

  @Override
  public String phase() {
    return "connection";
  }

  @Override
  public Connection decide(Verdict v) {
    return isDecided() ? this : new Connection(origin, v);
  }

  /** The same question with more known of the client. */
  public Connection withOrigin(Origin other) {
    return new Connection(other, verdict);
  }
}
