package dev.caravan.queue;

import dev.caravan.mail.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * The retry ladder. A mail that is deferred for the n-th time waits on the n-th rung; the last rung
 * repeats until the mail is older than the expiry. All mail on a rung waits equally long, so the
 * head of its queue is always the next due: no scan, no timer for each mail.
 */
public final class Ladder {
  private static final int MAX_RUNGS = 50;

  private final List<Rung> steps;
  private final Duration expiry;
  private final Duration warnAfter;

  /**
   * One step.
   *
   * @param name the delay as it was written, e.g. {@code 15m}
   * @param delay how long a mail waits on it
   */
  public record Rung(String name, Duration delay) {
    public String queue() {
      return QueueNames.RETRY_PREFIX + name;
    }
  }

  /**
   * @param schedule delays with commas between, e.g. {@code 1m,5m,15m,1h,4h}; 1 to 50
   * @param expiry age from which on a mail is not tried again
   * @param warnAfter age from which on the sender is told once of the delay; zero = never
   * @throws IllegalArgumentException when one of them can't be read
   */
  public Ladder(String schedule, String expiry, String warnAfter) {
    this.steps = steps(schedule);
    this.expiry = Durations.parse(expiry);
    this.warnAfter = Durations.parse(warnAfter);
  }

  /**
   * The different rungs of a schedule, in order: a queue and a route each.
   *
   * @throws IllegalArgumentException when it can't be read
   */
  public static List<Rung> rungs(String schedule) {
    return distinct(steps(schedule));
  }

  private static List<Rung> steps(String schedule) {
    List<Rung> steps =
        Arrays.stream(schedule.split(",", -1))
            .map(delay -> delay.replaceAll("\\s+", ""))
            .map(delay -> new Rung(delay, Durations.parse(delay)))
            .toList();
    if (steps.size() > MAX_RUNGS) {
      throw new IllegalArgumentException("a retry schedule has at most " + MAX_RUNGS + " steps");
    }
    return steps;
  }

  /** A delay that is written twice is one queue. */
  private static List<Rung> distinct(List<Rung> steps) {
    return steps.stream().distinct().toList();
  }

  /** The different rungs, in order. */
  public List<Rung> rungs() {
    return distinct(steps);
  }

  /** Where a mail waits after so many attempts, at least one. */
  public Rung rungFor(int attempts) {
    return steps.get(Math.clamp(attempts - 1L, 0, steps.size() - 1));
  }

  /** Whether the mail is too old to be tried again. */
  public boolean expired(QueuedMail mail, Instant now) {
    return !now.isBefore(expiresAt(mail));
  }

  /** Until when the mail is tried. */
  public Instant expiresAt(QueuedMail mail) {
    return since(mail).plus(expiry);
  }

  /** A mail that was held at its sender's wish is as old as its release. */
  private static Instant since(QueuedMail mail) {
    return mail.envelope()
        .options()
        .holdUntil()
        .filter(mail.queuedAt()::isBefore)
        .orElse(mail.queuedAt());
  }

  /** Whether the sender should be told now that the mail is late. */
  public boolean warnDue(QueuedMail mail, Instant now) {
    return !mail.warned() && !warnAfter.isZero() && !now.isBefore(since(mail).plus(warnAfter));
  }
}
