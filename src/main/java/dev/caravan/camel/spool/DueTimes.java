package dev.caravan.camel.spool;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long the mails of a queue still have to wait where all wait equally long, by a clock that may
 * be set.
 *
 * <p>Set forward, mail is due earlier. Set back, what was sent before would wait for the clock to
 * come there again: such mail, that says it is from the future, waits its delay once more at most,
 * from when the first of it was seen. Used by one worker.
 */
final class DueTimes {
  /** The clocks of several nodes may differ by so much. */
  private static final long DIFFERENCE_MILLIS = Duration.ofMinutes(1).toMillis();

  private final LongSupplier millis;
  private final LongSupplier nanoTime;
  private boolean setBack;
  private long setBackSeen;

  DueTimes(LongSupplier millis, LongSupplier nanoTime) {
    this.millis = millis;
    this.nanoTime = nanoTime;
  }

  /**
   * Milliseconds until it is due; not positive when it is.
   *
   * @param due milliseconds of the epoch
   * @param sent the same; 0 when it is not known
   */
  long left(long due, long sent) {
    long now = millis.getAsLong();
    if (sent <= now + DIFFERENCE_MILLIS) {
      setBack = false;
      return due - now;
    }
    if (!setBack) {
      setBack = true;
      setBackSeen = nanoTime.getAsLong();
    }
    long waited = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - setBackSeen);
    return Math.min(due - now, due - sent - waited);
  }
}
