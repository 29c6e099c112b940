package dev.caravan.delivery.tls;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An MTA-STS policy (RFC 8461, 3.2).
 *
 * @param mx patterns of hosts in lower case; {@code *.example.com} is one label before that name
 * @param maxAge how long it may be kept; at most a year
 * @param lines as they came
 */
public record StsPolicy(Mode mode, List<String> mx, Duration maxAge, List<String> lines) {
  /** What happens to mail for servers that do not meet it. */
  public enum Mode {
    ENFORCE,
    TESTING,
    NONE
  }

  private static final long MAX_AGE_SECONDS = 31_557_600;
  private static final int MX_MAX = 500;
  private static final Pattern FIELD =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \\t]*:[ \\t]*(\\S(?:.*\\S)?)[ \\t]*");
  private static final Pattern HOST =
      Pattern.compile(
          "(?:\\*\\.)?[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
              + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

  public StsPolicy {
    mx = List.copyOf(mx);
    lines = List.copyOf(lines);
  }

  /**
   * Reads a policy. Fields may stand in any order; unknown ones are passed over, of repeated ones
   * the first counts, but for {@code mx}.
   *
   * @throws IllegalArgumentException with the reason when it is none
   */
  public static StsPolicy parse(String text) {
    Map<String, String> fields = new HashMap<>();
    List<String> mx = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\r?\n", -1)) {
      if (line.isBlank()) {
        continue;
      }
      var field = FIELD.matcher(line);
      if (!field.matches()) {
        throw new IllegalArgumentException("a line is no field");
      }
      lines.add(line.strip());
      if (field.group(1).equals("mx")) {
        if (!HOST.matcher(field.group(2)).matches() || mx.size() == MX_MAX) {
          throw new IllegalArgumentException("an mx is no host name, or there are too many");
        }
        mx.add(field.group(2).toLowerCase(Locale.ROOT));
      } else {
        fields.putIfAbsent(field.group(1), field.group(2));
      }
    }
    if (!"STSv1".equals(fields.get("version"))) {
      throw new IllegalArgumentException("its version is not STSv1");
    }
    String age = fields.getOrDefault("max_age", "");
    if (!age.matches("[0-9]{1,10}")) {
      throw new IllegalArgumentException("max_age is no number of seconds");
    }
    Mode mode =
        switch (fields.getOrDefault("mode", "")) {
          case "enforce" -> Mode.ENFORCE;
          case "testing" -> Mode.TESTING;
          case "none" -> Mode.NONE;
          default -> throw new IllegalArgumentException("mode is not enforce, testing or none");
        };
    if (mx.isEmpty() && mode != Mode.NONE) {
      throw new IllegalArgumentException("it names no mx");
    }
    return new StsPolicy(
        mode, mx, Duration.ofSeconds(Math.min(MAX_AGE_SECONDS, Long.parseLong(age))), lines);
  }

  /** Whether it names this host (4.1). */
  boolean names(String host) {
    return mx.stream().anyMatch(pattern -> names(pattern, host.toLowerCase(Locale.ROOT)));
  }

  private static boolean names(String pattern, String host) {
    if (!pattern.startsWith("*.")) {
      return pattern.equals(host);
    }
    int dot = host.indexOf('.');
    return dot > 0 && host.substring(dot).equals(pattern.substring(1));
  }
}
