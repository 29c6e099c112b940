package dev.caravan.camel.spool;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/**
 * Keeps the doors from taking the processors away from delivery. Each delivery, whatever came of
 * it, makes room for one mail, up to a number that may come in anyway; when there is no room, and
 * the processors are at their limit, a mail waits for some before it is taken in, a moment at most.
 * Where others are the limit, such as a slow site, nobody waits: that is what the queue is for.
 */
final class InFlow {
  /** Mails that may be ahead of delivery. */
  private static final int AHEAD = 100;

  /**
   * Where the disk is waited for as well, the processors are the limit long before all are busy.
   */
  private static final double AT_THE_LIMIT = 0.7;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final long delayNanos;
  private final DoubleSupplier load;
  private final Semaphore room = new Semaphore(AHEAD);
  private final AtomicLong lookedAt = new AtomicLong(System.nanoTime() - LOOK_NANOS);
  private volatile boolean saturated;

  /**
   * @param delay how long a mail waits at most; zero = never
   * @param load use of all processors since it was asked last, 0 to 1
   */
  InFlow(Duration delay, DoubleSupplier load) {
    this.delayNanos = delay.toNanos();
    this.load = load;
  }

  /** Before so many are taken in; at most {@link #AHEAD} of them count. */
  void arrive(int mails) throws InterruptedException {
    int wanted = Math.min(mails, AHEAD);
    if (delayNanos > 0 && !room.tryAcquire(wanted) && isSaturated()) {
      boolean made = room.tryAcquire(wanted, delayNanos, TimeUnit.NANOSECONDS);
      SpoolComponent.LOG.trace("a mail has waited for delivery: {}", made);
    }
  }

  /** One has been tried. */
  void settled() {
    if (room.availablePermits() < AHEAD) {
      room.release();
    }
  }

  private boolean isSaturated() {
    long last = lookedAt.get();
    long now = System.nanoTime();
    if (now - last >= LOOK_NANOS && lookedAt.compareAndSet(last, now)) {
      saturated = load.getAsDouble() > AT_THE_LIMIT;
    }
    return saturated;
  }
}
