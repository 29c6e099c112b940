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

  private final List<Rung> rungs;
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
    this.rungs = rungs(schedule);
    this.expiry = Durations.parse(expiry);
    this.warnAfter = Durations.parse(warnAfter);
  }

  /** Reads a schedule. */
  public static List<Rung> rungs(String schedule) {
    List<Rung> rungs =
        Arrays.stream(schedule.split(","))
            .map(String::strip)
            .map(delay -> new Rung(delay, Durations.parse(delay)))
            .toList();
    if (rungs.size() > MAX_RUNGS) {
      throw new IllegalArgumentException("a retry schedule has at most " + MAX_RUNGS + " steps");
    }
    return rungs;
  }

  public List<Rung> rungs() {
    return rungs;
  }

  /** Where a mail waits after so many attempts, at least one. */
  public Rung rungFor(int attempts) {
    return rungs.get(Math.clamp(attempts - 1L, 0, rungs.size() - 1));
  }

  /** Whether the mail is too old to be tried again. */
  public boolean expired(QueuedMail mail, Instant now) {
    return !now.isBefore(expiresAt(mail));
  }

  /** Until when the mail is tried. */
  public Instant expiresAt(QueuedMail mail) {
    return mail.queuedAt().plus(expiry);
  }

  /** Whether the sender should be told now that the mail is late. */
  public boolean warnDue(QueuedMail mail, Instant now) {
    return !mail.warned() && !warnAfter.isZero() && !now.isBefore(mail.queuedAt().plus(warnAfter));
  }
}
