package dev.caravan.netty;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the messages that are coming in may take together. Beyond it they go to files at
 * once, so that many slow clients can't fill the heap.
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

  boolean isExceeded() {
    return used.get() > max;
  }

  long used() {
    return used.get();
  }
}
