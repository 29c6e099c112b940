package dev.caravan.traffic;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** What one sender domain, user or campaign may have at most, whichever sites its mail goes to. */
final class Bucket extends Gate {
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String lane;
  private final String name;
  private final OptionalInt concurrency;
  private final List<Pace> paces;
  private int inFlight;

  /**
   * @param lane where its mail waits
   * @param name for people
   */
  Bucket(String lane, String name, OptionalInt concurrency, List<Rate> rates) {
    this.lane = lane;
    this.name = name;
    this.concurrency = concurrency;
    this.paces = rates.stream().map(Pace::new).toList();
  }

  String lane() {
    return lane;
  }

  /** Empty when the mail may go, as far as it depends on this; then {@link #leave} must follow. */
  Optional<Entry.Later> take(long now) {
    lock.lock();
    try {
      if (concurrency.isPresent() && inFlight >= concurrency.getAsInt()) {
        return Optional.of(later(concurrency.getAsInt() + " deliveries at once", AGAIN_NANOS));
      }
      Optional<Pace> slowest =
          paces.stream().max(Comparator.comparingLong(pace -> pace.waitNanos(now)));
      if (slowest.isPresent() && slowest.get().waitNanos(now) > 0) {
        return Optional.of(later("the rate " + slowest.get().rate(), slowest.get().waitNanos(now)));
      }
      paces.forEach(pace -> pace.take(now));
      inFlight++;
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Entry.Later later(String limit, long nanos) {
    String why = limit + " of the " + name;
    return new Entry.Later(why, why, nanos, lane);
  }

  /**
   * @param unused whether it did not go after all, and does not count
   */
  void leave(boolean unused) {
    lock.lock();
    try {
      inFlight--;
      if (unused) {
        paces.forEach(Pace::giveBack);
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }
}
