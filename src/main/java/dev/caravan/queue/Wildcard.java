package dev.caravan.queue;

/**
 * A text that may hold {@code *} for any characters; everything else is meant literally.
 *
 * @param text without {@code *} it must be equal
 */
public record Wildcard(String text) {
  private static final int MAX = 500;

  /**
   * @throws IllegalArgumentException when it is longer than 500 characters or holds control
   *     characters
   */
  public Wildcard {
    if (text.length() > MAX) {
      throw new IllegalArgumentException("a pattern has at most " + MAX + " characters");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a pattern holds no control characters");
    }
  }

  public boolean isExact() {
    return text.indexOf('*') < 0;
  }

  /** Time is bounded by the product of both lengths. */
  public boolean matches(String value) {
    int t = 0;
    int v = 0;
    int star = -1;
    int from = 0;
    while (v < value.length()) {
      if (t < text.length() && text.charAt(t) == '*') {
        star = t++;
        from = v;
      } else if (t < text.length() && text.charAt(t) == value.charAt(v)) {
        t++;
        v++;
      } else if (star >= 0) {
        t = star + 1;
        v = ++from;
      } else {
        return false;
      }
    }
    while (t < text.length() && text.charAt(t) == '*') {
      t++;
    }
    return t == text.length();
  }

  /** As a condition of a broker's selector on this property. */
  String condition(String property) {
    return isExact()
        ? property + " = " + quoted(text)
        : property + " LIKE " + quoted(like()) + " ESCAPE '\\'";
  }

  /** As a pattern of LIKE whose escape is the backslash. */
  String like() {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace('*', '%');
  }

  static String quoted(String literal) {
    return "'" + literal.replace("'", "''") + "'";
  }
}
