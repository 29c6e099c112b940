package dev.caravan.netty;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the messages that are coming in may take together. When half of it is used they
 * go to files at once, and when all of it is, no further one is begun: so many slow clients can't
 * fill the heap.
 */
final class MemoryBudget {
  private final long max;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param max octets
   */
  MemoryBudget(long max) {
    this.max = max;
  }

  void change(long octets) {
    used.addAndGet(octets);
  }

  boolean isTight() {
    return used.get() > max / 2;
  }

  boolean isFull() {
    return used.get() >= max;
  }

  long used() {
    return used.get();
  }
}
