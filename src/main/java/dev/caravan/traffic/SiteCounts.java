package dev.caravan.traffic;

import dev.caravan.delivery.Attempt;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What has become of a site's mail since it is remembered.
 *
 * @param outcomes recipients by class and subject of the reply's enhanced code (RFC 3463): {@code
 *     2.0}, {@code 4.7}
 * @param attempts by TLS version; {@code none} in clear text, {@code unreached} where no server
 *     answered
 * @param took how many attempts took up to each of {@link #BOUNDS}, and how many longer
 * @param seconds that all attempts took together
 * @param connections what became of them
 */
public record SiteCounts(
    Map<String, Long> outcomes,
    Map<String, Long> attempts,
    List<Long> took,
    double seconds,
    Connections connections) {
  /** Upper bounds of the times that attempts took. */
  public static final List<Duration> BOUNDS =
      List.of(
          Duration.ofMillis(50),
          Duration.ofMillis(250),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10));

  public SiteCounts {
    outcomes = Map.copyOf(outcomes);
    attempts = Map.copyOf(attempts);
    took = List.copyOf(took);
  }

  /**
   * Connections to its servers.
   *
   * @param opened by TLS version; {@code none} in clear text
   * @param reused one that was kept was used for one more mail
   * @param failed none could be made
   */
  public record Connections(Map<String, Long> opened, long reused, long failed) {
    public Connections {
      opened = Map.copyOf(opened);
    }
  }

  /** All attempts. */
  public long total() {
    return took.stream().mapToLong(Long::longValue).sum();
  }

  /** Both together. */
  public SiteCounts plus(SiteCounts other) {
    Tally tally = new Tally();
    tally.add(this);
    tally.add(other);
    return tally.counts();
  }

  /** Nothing yet. */
  public static SiteCounts none() {
    return new Tally().counts();
  }

  /** Counts on; whoever uses it holds a lock. */
  static final class Tally {
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final Map<String, Long> attempts = new TreeMap<>();
    private final long[] took = new long[BOUNDS.size() + 1];
    private double seconds;
    private final Map<String, Long> opened = new TreeMap<>();
    private long reused;
    private long failed;

    void opened(String tls) {
      opened.merge(version(tls), 1L, Long::sum);
    }

    void reused() {
      reused++;
    }

    void failed() {
      failed++;
    }

    /** Of protocol and cipher the first. */
    private static String version(String tls) {
      return tls.isEmpty() ? "none" : tls.split(" ", 2)[0];
    }

    void add(Attempt attempt) {
      for (Outcome outcome : attempt.outcomes()) {
        outcomes.merge(kind(outcome.reply()), 1L, Long::sum);
      }
      String how = attempt.peer().isEmpty() ? "unreached" : version(attempt.tls());
      attempts.merge(how, 1L, Long::sum);
      int i = 0;
      while (i < BOUNDS.size() && attempt.took().compareTo(BOUNDS.get(i)) > 0) {
        i++;
      }
      took[i]++;
      seconds += attempt.took().toNanos() / 1e9;
    }

    private static String kind(SmtpReply reply) {
      return reply.status().category() + "." + Math.min(reply.status().subject(), 9);
    }

    private void add(SiteCounts counts) {
      counts.outcomes().forEach((kind, n) -> outcomes.merge(kind, n, Long::sum));
      counts.attempts().forEach((kind, n) -> attempts.merge(kind, n, Long::sum));
      for (int i = 0; i < took.length; i++) {
        took[i] += counts.took().get(i);
      }
      seconds += counts.seconds();
      counts.connections().opened().forEach((kind, n) -> opened.merge(kind, n, Long::sum));
      reused += counts.connections().reused();
      failed += counts.connections().failed();
    }

    SiteCounts counts() {
      return new SiteCounts(
          outcomes,
          attempts,
          java.util.Arrays.stream(took).boxed().toList(),
          seconds,
          new Connections(opened, reused, failed));
    }
  }
}
