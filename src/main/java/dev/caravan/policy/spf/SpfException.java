package dev.caravan.policy.spf;

/** The evaluation ends with an error (RFC 7208, 2.6.6 and 2.6.7). */
final class SpfException extends Exception {
  private static final long serialVersionUID = 1;

  private final SpfResult.Kind kind;

  private SpfException(SpfResult.Kind kind, String problem) {
    super(problem, null, false, false);
    this.kind = kind;
  }

  static SpfException permanent(String problem) {
    return new SpfException(SpfResult.Kind.PERMERROR, problem);
  }

  static SpfException temporary(String problem) {
    return new SpfException(SpfResult.Kind.TEMPERROR, problem);
  }

  SpfResult.Kind kind() {
    return kind;
  }

  String problem() {
    return String.valueOf(getMessage());
  }
}
