package dev.caravan.ops.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * When each mail's final dot was sent and came at the sink, in nanoseconds from {@link
 * System#nanoTime}. Numbers are those of one round.
 */
final class Marks {
  private final int first;
  private final AtomicLongArray sent;
  private final AtomicLongArray arrived;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger delivered = new AtomicInteger();
  private final AtomicInteger doubles = new AtomicInteger();

  Marks(int first, int count) {
    this.first = first;
    this.sent = new AtomicLongArray(count);
    this.arrived = new AtomicLongArray(count);
  }

  void sent(long number) {
    sent.set((int) (number - first), System.nanoTime());
  }

  void accepted() {
    accepted.incrementAndGet();
  }

  /** Of another round is nobody's. */
  void arrived(long number) {
    long index = number - first;
    if (index >= 0 && index < arrived.length()) {
      if (arrived.compareAndSet((int) index, 0, System.nanoTime())) {
        delivered.incrementAndGet();
      } else {
        doubles.incrementAndGet();
      }
    }
  }

  int acceptedCount() {
    return accepted.get();
  }

  int deliveredCount() {
    return delivered.get();
  }

  int doubles() {
    return doubles.get();
  }

  /** From the final dot to the sink, in nanoseconds, of all that came, the shortest first. */
  long[] latencies() {
    long[] all = new long[sent.length()];
    int count = 0;
    for (int i = 0; i < all.length; i++) {
      if (arrived.get(i) != 0) {
        all[count++] = arrived.get(i) - sent.get(i);
      }
    }
    long[] sorted = Arrays.copyOf(all, count);
    Arrays.sort(sorted);
    return sorted;
  }
}
