package dev.caravan.traffic;

import java.util.concurrent.TimeUnit;

/**
 * Where one rate stands: when the next mail is due. Times are those of {@link System#nanoTime}.
 * Whoever uses it holds a lock.
 */
final class Pace {
  /**
   * Who comes a little late makes up for it, so that the rate holds on the whole; no more than
   * this, so that it holds within 5 % in every second.
   */
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Rate rate;
  private boolean started;
  private long next;

  Pace(Rate rate) {
    this.rate = rate;
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
    long due = started && next - (now - LATE_NANOS) > 0 ? next : started ? now - LATE_NANOS : now;
    next = due + rate.intervalNanos();
    started = true;
  }
}
