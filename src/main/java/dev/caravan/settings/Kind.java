package dev.caravan.settings;

import dev.caravan.mail.Domain;
import dev.caravan.mail.Durations;
import dev.caravan.mail.Networks;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the value of a key is checked. Each check throws an IllegalArgumentException that says why. */
interface Kind {
  void check(String value);

  Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?", Pattern.CASE_INSENSITIVE);
  Kind TEXT = value -> {};
  Kind DURATION = Durations::parse;
  Kind BYTES = Kind::bytes;
  Kind NETWORKS = Networks::parse;
  Kind PORT = value -> within(value, 0, 65535);
  Kind PORT_OR_OFF = value -> within(value, -1, 65535);

  Kind DOMAINS =
      value ->
          list(value)
              .forEach(d -> new Domain(d.startsWith(".") ? d.substring(1) : d));

  Kind HOSTNAME = value -> new Domain(value);

  Kind SERVERS =
      value ->
          list(value)
              .forEach(
                  server -> {
                    if (!server.matches("[^\\s,]+:\\d{1,5}")) {
                      throw new IllegalArgumentException(
                          "a server is written host:port, not '" + server + "'");
                    }
                  });

  static Kind number(long min, long max) {
    return value -> within(value, min, max);
  }

  static Kind oneOf(String... words) {
    return value -> {
      if (!List.of(words).contains(value.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "it must be one of " + String.join(", ", words) + ", not '" + value + "'");
      }
    };
  }

  private static void within(String value, long min, long max) {
    try {
      long n = Long.parseLong(value);
      if (n >= min && n <= max) {
        return;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(
        "it must be a number from " + min + " to " + max + ", not '" + value + "'");
  }

  /** Octets of {@code 50MB}, {@code 256KB}, {@code 1000}. */
  static long bytes(String value) {
    Matcher m = SIZE.matcher(value);
    if (!m.matches()) {
      throw new IllegalArgumentException("a size is a number with KB, MB or GB, not '" + value + "'");
    }
    String unit = m.group(2) == null ? "B" : m.group(2).toUpperCase(Locale.ROOT);
    long factor =
        switch (unit) {
          case "KB" -> 1024L;
          case "MB" -> 1024L * 1024;
          case "GB" -> 1024L * 1024 * 1024;
          default -> 1L;
        };
    return Math.multiplyExact(Long.parseLong(m.group(1)), factor);
  }

  /** The parts between commas; none of an empty text. */
  static List<String> list(String value) {
    return java.util.Arrays.stream(value.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }
}
