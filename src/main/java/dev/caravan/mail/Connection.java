package dev.caravan.mail;

/** The question when a client has connected, before the greeting. */
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
}
