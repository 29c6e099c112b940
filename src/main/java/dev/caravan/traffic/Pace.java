package dev.caravan.traffic;

import java.util.concurrent.TimeUnit;

/**
 * Where one rate stands: when the next mail is due. Times are those of {@link System#nanoTime}.
 * Whoever uses it holds a lock.
 */
final class Pace {
  /**
   * Who comes a little late makes up for it, so that the rate holds on the whole: by this much, so
   * that a fast rate holds within 5 % in every second, and by one mail of a slower rate.
   */
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long LATE_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Rate rate;
  private final long late;
  private boolean started;
  private long next;

  Pace(Rate rate) {
    this.rate = rate;
    this.late = Math.clamp(rate.intervalNanos(), LATE_NANOS, LATE_MAX_NANOS);
  }

  Rate rate() {
    return rate;
  }

  /** Until the next mail may go; not positive = now. */
  long waitNanos(long now) {
    return started ? next - now : 0;
  }

  /** The last one did not go after all. */
  void giveBack() {
    next -= rate.intervalNanos();
  }

  /** One goes now. */
  void take(long now) {
    long due = !started ? now : Math.max(next - (now - late), 0) + (now - late);
    next = due + rate.intervalNanos();
    started = true;
  }
}
