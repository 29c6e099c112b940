package dev.caravan.traffic;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One site. Its concurrency starts small; with every answered attempt it grows by 1/n, so by one
 * when all n have been answered, and each attempt in trouble takes one away. Several troubles in a
 * row, with no answer between, mean that the site is down: from then on one attempt in each
 * interval asks whether it is back.
 *
 * <p>All times are those of {@link System#nanoTime}. The lock is held for a few instructions only.
 */
final class SiteTraffic {
  /** What a site begins with, unless it may have less. */
  private static final int START = 5;

  private static final int DOWN_AFTER = 5;
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String name;
  private final Limits limits;
  private final long probeNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final long[] next;

  private double concurrency;
  private int inFlight;
  private int troubles;
  private boolean down;
  private long probeAt;
  private boolean suspended;
  private long suspendedUntil;
  private String suspendedWhy = "";
  private String lastTrouble = "";
  private boolean started;

  SiteTraffic(String name, Limits limits, Duration probe) {
    this.name = name;
    this.limits = limits;
    this.probeNanos = probe.toNanos();
    this.next = new long[limits.rates().size()];
    this.concurrency = Math.min(START, limits.concurrency());
  }

  String name() {
    return name;
  }

  /**
   * @param most how many may be in flight at once for this caller's sake, below the site's own
   *     limit
   */
  Entry tryEnter(long now, int most) {
    lock.lock();
    try {
      if (suspended) {
        if (suspendedUntil - now > 0) {
          return new Entry.Later(suspendedWhy, suspendedUntil - now);
        }
        suspended = false;
      }
      if (down) {
        if (probeAt - now > 0) {
          return new Entry.Later(downWhy(), probeAt - now);
        }
        if (inFlight > 0) {
          return new Entry.Later(downWhy(), AGAIN_NANOS);
        }
      }
      int allowed = (int) concurrency;
      if (inFlight >= allowed) {
        return new Entry.Later("all " + allowed + " connections are in use", AGAIN_NANOS);
      }
      if (inFlight >= most) {
        return new Entry.Later(most + " mails are being delivered", AGAIN_NANOS);
      }
      for (int i = 0; i < next.length; i++) {
        if (started && next[i] - now > 0) {
          return new Entry.Later("the rate " + limits.rates().get(i), next[i] - now);
        }
      }
      List<Rate> rates = limits.rates();
      for (int i = 0; i < next.length; i++) {
        long interval = rates.get(i).intervalNanos();
        // Who comes a little late makes up for it, so that the rate holds on the whole.
        long due = started ? Math.max(next[i], now - LATE_NANOS) : now;
        next[i] = due + interval;
      }
      started = true;
      inFlight++;
      return turn();
    } finally {
      lock.unlock();
    }
  }

  private String downWhy() {
    return "the site is down: " + lastTrouble;
  }

  private Entry.Turn turn() {
    return new Entry.Turn() {
      private boolean open = true;

      @Override
      public void close() {
        lock.lock();
        try {
          if (open) {
            open = false;
            inFlight--;
            changed.signal();
          }
        } finally {
          lock.unlock();
        }
      }
    };
  }

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

  /** The site has answered, whatever it said. */
  void answered() {
    lock.lock();
    try {
      troubles = 0;
      if (down) {
        down = false;
        concurrency = Math.min(START, limits.concurrency());
      } else {
        concurrency = Math.min(limits.concurrency(), concurrency + 1 / concurrency);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** It could not be reached, broke off, or said that it is too much for it. */
  void trouble(long now, String reply) {
    lock.lock();
    try {
      lastTrouble = reply;
      troubles++;
      concurrency = Math.max(1, concurrency - 1);
      if (down || troubles >= DOWN_AFTER) {
        down = true;
        probeAt = now + probeNanos;
      }
    } finally {
      lock.unlock();
    }
  }

  void suspend(long now, Duration time, String why) {
    lock.lock();
    try {
      suspended = true;
      suspendedUntil = now + time.toNanos();
      suspendedWhy = why;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a suspension, and tries a site that was down at once. */
  void resume(long now) {
    lock.lock();
    try {
      suspended = false;
      probeAt = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  SiteReport report(long now) {
    lock.lock();
    try {
      String state = suspended && suspendedUntil - now > 0 ? "suspended" : down ? "down" : "open";
      return new SiteReport(
          name,
          state,
          inFlight,
          (int) concurrency,
          limits.concurrency(),
          limits.rates().stream().map(Rate::toString).toList(),
          lastTrouble,
          state.equals("suspended") ? suspendedWhy : "",
          Math.max(0, (state.equals("suspended") ? suspendedUntil : down ? probeAt : now) - now));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return name.toLowerCase(Locale.ROOT);
  }
}
