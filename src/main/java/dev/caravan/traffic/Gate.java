package dev.caravan.traffic;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What may refuse a mail, and can be waited for. */
abstract class Gate {
  final ReentrantLock lock = new ReentrantLock();
  final Condition changed = lock.newCondition();

  /** Waits until it is worth asking again, so long at most. */
  void await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = changed.awaitNanos(nanos);
      assert left <= nanos;
    } finally {
      lock.unlock();
    }
  }
}
