package dev.caravan.mail;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as operators write them: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 4h}, {@code
 * 5d}.
 */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");

  private Durations() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Duration parse(String text) {
    Matcher m = FORM.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "a duration is a number with ms, s, m, h or d, such as 30s, not '" + text + "'");
    }
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "ms" -> Duration.ofMillis(n);
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      default -> Duration.ofDays(n);
    };
  }

  /** A duration as it is written, in the longest unit that fits: {@code 90m}, {@code 2h}. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    for (Unit unit : Unit.values()) {
      if (millis != 0 && millis % unit.millis == 0) {
        return millis / unit.millis + unit.name().toLowerCase(Locale.ROOT);
      }
    }
    return "0s";
  }

  private enum Unit {
    D(86_400_000),
    H(3_600_000),
    M(60_000),
    S(1_000),
    MS(1);

    private final long millis;

    Unit(long millis) {
      this.millis = millis;
    }
  }
}
