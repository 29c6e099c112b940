package dev.caravan.mail;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as operators write them: {@code 50MB}, {@code 256KB}, {@code 1000} (octets). */
public final class Sizes {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?", Pattern.CASE_INSENSITIVE);

  private Sizes() {}

  /**
   * Its octets.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static long parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "a size is a number with KB, MB or GB, such as 50MB, not '" + text + "'");
    }
    String unit = m.group(2) == null ? "B" : m.group(2).toUpperCase(Locale.ROOT);
    int shift =
        switch (unit) {
          case "KB" -> 10;
          case "MB" -> 20;
          case "GB" -> 30;
          default -> 0;
        };
    return Long.parseLong(m.group(1)) << shift;
  }

  /** A size as it is written, in the largest unit of which it is a whole number. */
  public static String text(long octets) {
    int units = octets == 0 ? 0 : Math.min(3, Long.numberOfTrailingZeros(octets) / 10);
    String unit =
        switch (units) {
          case 1 -> "KB";
          case 2 -> "MB";
          case 3 -> "GB";
          default -> "";
        };
    return (octets >> 10 * units) + unit;
  }
}
