package dev.caravan.traffic;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many mails in a time, evenly spread: 3600 an hour are one a second, without a burst.
 *
 * @param count at least 1
 * @param unit {@code s}, {@code min}, {@code h} or {@code d}
 */
public record Rate(long count, String unit) {
  private static final Pattern FORM = Pattern.compile("\\s*(\\d{1,9})\\s*/\\s*(s|min|h|d)\\s*");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s", Duration.ofSeconds(1),
          "min", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final int MANY = 10;

  public Rate {
    if (count < 1) {
      throw new IllegalArgumentException("a rate is at least 1, not " + count + "/" + unit);
    }
  }

  /**
   * Several with commas between, which all hold; empty = none.
   *
   * @throws IllegalArgumentException when one is not like {@code 100/s} or {@code 5000/h}
   */
  public static List<Rate> parse(String text) {
    if (text.isBlank()) {
      return List.of();
    }
    List<Rate> rates = Arrays.stream(text.split(",", -1)).map(Rate::one).toList();
    if (rates.size() > MANY) {
      throw new IllegalArgumentException("more than " + MANY + " rates: " + text);
    }
    return rates;
  }

  private static Rate one(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'" + text.strip() + "' is no rate; write 100/s, 100/min, 100/h or 100/d");
    }
    return new Rate(Long.parseLong(m.group(1)), m.group(2));
  }

  /** From one mail to the next. */
  long intervalNanos() {
    return UNITS.getOrDefault(unit, Duration.ofDays(1)).toNanos() / count;
  }

  @Override
  public String toString() {
    return count + "/" + unit;
  }
}
