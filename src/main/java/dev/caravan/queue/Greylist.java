package dev.caravan.queue;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Knows the replies of servers that defer whoever comes for the first time (greylisting, RFC 6647):
 * nothing is wrong with them, they only want us to come again a little later. A bean: its patterns
 * are set in XML. Only {@code 450} and {@code 451} to one of the first attempts count, for some
 * servers say the same when they mean something else. Patterns are RE2, ignore case, and are
 * searched in the whole reply, {@code 451 4.7.1 Greylisted}.
 */
public final class Greylist {
  /** The longest wait as a multiple of the shortest, whatever a server tells. */
  private static final List<Integer> MULTIPLES = List.of(1, 2, 3, 6, 12);

  private static final int REPLY_MAX = 500;
  private static final int PATTERNS_MAX = 100;

  /** {@code try again in 300 seconds}, {@code wait 5 minutes}, {@code come back in 00:05:00}. */
  private static final Pattern TOLD =
      Pattern.compile(
          "(?i)\\b(?:in|after|for|wait|least)\\s+"
              + "(?:(\\d{1,2}):(\\d{2}):(\\d{2})\\b|(\\d{1,6})\\s*(s|m|h)(?:ec|in|r|our|$|\\b))");

  private final List<Ladder.Rung> rungs;
  private final List<String> patterns = new ArrayList<>();
  private int attemptsMax = 3;

  private volatile List<Pattern> compiled = List.of();

  /**
   * @param delay the wait when the server does not tell how long; {@code 0s} = greylisting is not
   *     looked for
   * @throws IllegalArgumentException when it is no duration
   */
  public Greylist(String delay) {
    Duration once = Durations.parse(delay);
    rungs =
        once.isZero()
            ? List.of()
            : MULTIPLES.stream()
                .map(once::multipliedBy)
                .map(wait -> new Ladder.Rung(Durations.text(wait), wait))
                .toList();
  }

  /** In beans.xml {@code patterns[0]}, {@code patterns[1]} …, at most 100. */
  public void setPatterns(List<String> more) {
    patterns.clear();
    patterns.addAll(more);
  }

  public List<String> getPatterns() {
    return patterns;
  }

  /** To how many of a mail's attempts such a reply means greylisting; 3 unless it is set. */
  public void setAttemptsMax(int attempts) {
    attemptsMax = attempts;
  }

  /** The waits that there may be: the shortest, and some multiples of it for servers that tell. */
  List<Ladder.Rung> rungs() {
    return rungs;
  }

  /**
   * Whether this reply means that we came too early, and how long to wait then.
   *
   * @param attempts those that were made, with the one that got the reply
   * @return empty when it means something else; zero when the server did not tell how long
   */
  public Optional<Duration> patience(String reply, int attempts) {
    if (rungs.isEmpty() || attempts > attemptsMax || !reply.matches("(?s)45[01]\\b.*")) {
      return Optional.empty();
    }
    String text = reply.substring(0, Math.min(reply.length(), REPLY_MAX));
    return compiled().stream().anyMatch(pattern -> pattern.matcher(text).find())
        ? Optional.of(told(text))
        : Optional.empty();
  }

  private List<Pattern> compiled() {
    List<Pattern> known = compiled;
    if (known.size() != patterns.size()) {
      if (patterns.size() > PATTERNS_MAX) {
        throw new IllegalArgumentException("more than " + PATTERNS_MAX + " patterns");
      }
      known = patterns.stream().map(p -> Pattern.compile(p, Pattern.CASE_INSENSITIVE)).toList();
      compiled = known;
    }
    return known;
  }

  private static Duration told(String text) {
    Matcher m = TOLD.matcher(text);
    if (!m.find()) {
      return Duration.ZERO;
    }
    if (m.group(1) != null) {
      long[] parts = IntStream.rangeClosed(1, 3).mapToLong(i -> number(m.group(i))).toArray();
      return Duration.ofSeconds(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    }
    long n = number(m.group(4));
    return switch (m.group(5).toLowerCase(Locale.ROOT)) {
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      default -> Duration.ofHours(n);
    };
  }

  private static long number(String digits) {
    return Long.parseLong(digits);
  }
}
