package dev.caravan.queue;

import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * When the mails of one kind are tried again, and for how long.
 *
 * @param steps the waits before the second, third … attempt; the last one repeats; 1 to 50
 * @param expiry age from which on a mail is not tried again
 * @param warnAfter age from which on the sender is told once of the delay; zero = never
 */
record RetryPlan(List<Ladder.Rung> steps, Duration expiry, Duration warnAfter) {
  private static final int STEPS_MAX = 50;

  /** The share of the expiry by which the last attempt, and so the report, may be late. */
  private static final int LATE_DIVISOR = 100;

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Comparator<Ladder.Rung> BY_DELAY = Comparator.comparing(Ladder.Rung::delay);

  RetryPlan {
    steps = List.copyOf(steps);
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException when a delay in it can't be read, or there are too many
   */
  static List<Ladder.Rung> steps(String schedule) {
    List<Ladder.Rung> steps =
        Arrays.stream(schedule.split(",", -1))
            .map(delay -> delay.replaceAll("\\s+", ""))
            .map(delay -> new Ladder.Rung(delay, Durations.parse(delay)))
            .toList();
    if (steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException("a retry schedule has at most " + STEPS_MAX + " steps");
    }
    if (steps.stream().anyMatch(step -> step.delay().isZero())) {
      throw new IllegalArgumentException("a step of a retry schedule is longer than 0s");
    }
    return steps;
  }

  /** The step after so many attempts, at least one. */
  Ladder.Rung step(int attempts) {
    return steps.get(Math.clamp(attempts - 1L, 0, steps.size() - 1));
  }

  Ladder.Rung shortest() {
    return steps.stream().min(BY_DELAY).orElseThrow();
  }

  /**
   * All rungs of these mails: the steps, and shorter ones for the last attempts where the schedule
   * has none.
   */
  Stream<Ladder.Rung> rungs() {
    return Stream.concat(steps.stream(), closing().stream()).distinct();
  }

  /**
   * The wait before an attempt that must not be much later than the expiry: this rung, or else the
   * longest shorter one that ends at most a hundredth of the expiry after it, or else the shortest.
   * So the last attempt is near the expiry, and few are added for that.
   */
  Ladder.Rung within(Duration left, Ladder.Rung rung) {
    Duration most = left.plus(late());
    if (rung.delay().compareTo(most) <= 0) {
      return rung;
    }
    List<Ladder.Rung> shorter = closing();
    return shorter.stream()
        .filter(step -> step.delay().compareTo(most) <= 0)
        .findFirst()
        .orElse(shorter.getLast());
  }

  private Duration late() {
    return expiry.dividedBy(LATE_DIVISOR);
  }

  /**
   * From the longest step down until one is as short as the last attempt may be late, each at least
   * a fifth of the one before: steps of the schedule, and quarters where it has none.
   */
  private List<Ladder.Rung> closing() {
    List<Ladder.Rung> down = new ArrayList<>();
    Ladder.Rung last = steps.stream().max(BY_DELAY).orElseThrow();
    down.add(last);
    while (last.delay().compareTo(late()) > 0 && last.delay().compareTo(SHORTEST) > 0) {
      Duration before = last.delay();
      last =
          steps.stream()
              .filter(step -> step.delay().compareTo(before) < 0)
              .filter(step -> step.delay().multipliedBy(5).compareTo(before) >= 0)
              .max(BY_DELAY)
              .orElseGet(() -> quarter(before));
      down.add(last);
    }
    return down;
  }

  private static Ladder.Rung quarter(Duration delay) {
    Duration quarter = Duration.ofSeconds(Math.max(1, delay.toSeconds() / 4));
    return new Ladder.Rung(Durations.text(quarter), quarter);
  }
}
