package dev.caravan.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A smarthost in use: how many deliveries it has, and whether it steps back because it could not be
 * reached. Shared by all groups that it belongs to. Safe for use by many threads.
 */
final class Member {
  private static final long FINE = 0;

  private final Relay relay;
  private final long stepBackNanos;
  private final LongSupplier nanoTime;
  private final Optional<Semaphore> places;

  /** Until when, of {@link System#nanoTime}. */
  private final AtomicLong backUntil = new AtomicLong(FINE);

  Member(Relay relay, Duration stepBack, LongSupplier nanoTime) {
    this.relay = relay;
    this.stepBackNanos = stepBack.toNanos();
    this.nanoTime = nanoTime;
    this.places =
        relay.concurrency() == 0
            ? Optional.empty()
            : Optional.of(new Semaphore(relay.concurrency(), true));
  }

  Relay relay() {
    return relay;
  }

  /** Whether others should go first. */
  boolean stepsBack() {
    long until = backUntil.get();
    return until != FINE && until - nanoTime.getAsLong() > 0;
  }

  /** Whether a mail would have to wait for a place. */
  boolean isFull() {
    return places.filter(p -> p.availablePermits() <= 0).isPresent();
  }

  /**
   * Whether it may be tried now. When its time to step back is over, one mail finds out how it is;
   * the others leave it alone until that is known.
   */
  boolean mayBeTried() {
    long until = backUntil.get();
    long now = nanoTime.getAsLong();
    return until == FINE || until - now <= 0 && backUntil.compareAndSet(until, later(now));
  }

  void couldNotBeReached() {
    backUntil.set(later(nanoTime.getAsLong()));
  }

  void answered() {
    if (backUntil.get() != FINE) {
      backUntil.set(FINE);
    }
  }

  private long later(long now) {
    // 0 means that it is fine.
    return (now + stepBackNanos) | 1;
  }

  /** Waits for a place. */
  void enter() throws InterruptedException {
    if (places.isPresent()) {
      places.get().acquire();
    }
  }

  void leave() {
    places.ifPresent(Semaphore::release);
  }

  @Override
  public String toString() {
    return relay.name();
  }
}
