package dev.caravan.mail;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An enhanced status code (RFC 3463): class 2, 4 or 5; subject and detail 0 to 999. */
public record EnhancedCode(int category, int subject, int detail) {
  private static final Pattern FORM = Pattern.compile("([245])\\.(\\d{1,3})\\.(\\d{1,3})");

  /**
   * @throws IllegalArgumentException outside these ranges
   */
  public EnhancedCode {
    boolean known = category == 2 || category == 4 || category == 5;
    if (!known || subject < 0 || subject > 999 || detail < 0 || detail > 999) {
      throw new IllegalArgumentException("an enhanced status code is [245].0-999.0-999");
    }
  }

  /** The code in a text such as {@code 5.7.1}; empty when it is none. */
  public static Optional<EnhancedCode> parse(String text) {
    Matcher m = FORM.matcher(text);
    return m.matches()
        ? Optional.of(
            new EnhancedCode(
                Integer.parseInt(m.group(1)),
                Integer.parseInt(m.group(2)),
                Integer.parseInt(m.group(3))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return category + "." + subject + "." + detail;
  }
}
