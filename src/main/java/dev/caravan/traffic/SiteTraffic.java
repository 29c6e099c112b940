package dev.caravan.traffic;

import dev.caravan.delivery.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One site. Its concurrency starts small; while it is made use of it grows with every answered
 * attempt by 1/n, so by one when all n have been answered, and each attempt in trouble takes one
 * away. Several troubles in a row, with no answer between, mean that the site is down: from then on
 * one attempt in each interval asks whether it is back, and when it is, it starts small again.
 *
 * <p>All times are those of {@link System#nanoTime}. The lock is held for a few instructions only.
 */
final class SiteTraffic extends Gate {
  /** What a site begins with, unless it may have less. */
  private static final int START = 5;

  private static final int DOWN_AFTER = 5;
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FOR_EVER = Long.MAX_VALUE;

  private final String name;
  private final long probeNanos;

  private Limits limits;
  private List<Pace> paces;
  private SiteOrder order = SiteOrder.NONE;
  private double concurrency;
  private int inFlight;
  private int troubles;
  private boolean down;
  private long probeAt;

  /** By an operator's order. */
  private Pause pause = Pause.NONE;

  /** By what the site has said. */
  private Pause rest = Pause.NONE;

  private String lastTrouble = "";
  private long lastTroubleAt;

  private final SiteCounts.Tally tally = new SiteCounts.Tally();

  /** What has kept a mail waiting last, and until when. */
  private String lastLimit = "";

  private long lastLimitUntil;

  /**
   * Nothing is sent.
   *
   * @param until of {@link System#nanoTime}
   */
  private record Pause(boolean is, boolean forEver, long until, String why, String told) {
    static final Pause NONE = new Pause(false, false, 0, "", "");

    long leftNanos(long now) {
      return !is ? 0 : forEver ? FOR_EVER : Math.max(0, until - now);
    }
  }

  SiteTraffic(String name, Limits limits, Duration probe) {
    this.name = name;
    this.limits = limits;
    this.paces = limits.rates().stream().map(Pace::new).toList();
    this.probeNanos = probe.toNanos();
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
      Pause longest = longest(now);
      long paused = longest.leftNanos(now);
      if (paused > 0) {
        return new Entry.Later(longest.why(), longest.told(), paused, name);
      }
      if (down) {
        if (probeAt - now > 0) {
          return later(downWhy(), probeAt - now);
        }
        if (inFlight > 0) {
          return later(downWhy(), AGAIN_NANOS);
        }
      }
      int allowed = (int) concurrency;
      if (inFlight >= allowed) {
        return limited(now, "all " + allowed + " connections are in use", AGAIN_NANOS);
      }
      if (inFlight >= most) {
        return later(most + " mails are being delivered", AGAIN_NANOS);
      }
      Optional<Pace> slowest =
          paces.stream().max(Comparator.comparingLong(pace -> pace.waitNanos(now)));
      long wait = slowest.map(pace -> pace.waitNanos(now)).orElse(0L);
      if (wait > 0) {
        return limited(now, "the rate " + slowest.orElseThrow().rate(), wait);
      }
      paces.forEach(pace -> pace.take(now));
      inFlight++;
      return turn();
    } finally {
      lock.unlock();
    }
  }

  private Pause longest(long now) {
    return pause.leftNanos(now) >= rest.leftNanos(now) ? pause : rest;
  }

  private Entry.Later limited(long now, String why, long nanos) {
    lastLimit = why;
    lastLimitUntil = now + Math.max(nanos, AGAIN_NANOS);
    return later(why, nanos);
  }

  private Entry.Later later(String why, long nanos) {
    return new Entry.Later(why, why, nanos, name);
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

  void count(Attempt attempt) {
    lock.lock();
    try {
      tally.add(attempt);
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
      } else if (2 * inFlight >= concurrency) {
        // What is not made use of proves nothing.
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
      lastTroubleAt = now;
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

  /**
   * What holds from now on. A rate that is as it was keeps its pace.
   *
   * @param wall what the clock says at {@code now}
   */
  void ordered(SiteOrder orders, Limits fresh, long now, Instant wall) {
    lock.lock();
    try {
      order = orders;
      if (!fresh.rates().equals(limits.rates())) {
        paces = fresh.rates().stream().map(Pace::new).toList();
      }
      limits = fresh;
      concurrency = Math.min(concurrency, fresh.concurrency());
      pause =
          orders
              .suspension()
              .map(
                  s ->
                      new Pause(
                          true,
                          s.until().isEmpty(),
                          now + s.until().map(end -> nanos(wall, end)).orElse(0L),
                          s.toString(),
                          "delivery to this site is suspended"))
              .orElse(Pause.NONE);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long nanos(Instant from, Instant to) {
    Duration most = Duration.ofDays(10_000);
    Duration left = Duration.between(from, to);
    return (left.compareTo(most) > 0 ? most : left).toNanos();
  }

  /** It has asked to be left alone so long. */
  void rest(long now, Duration time, String reply) {
    lock.lock();
    try {
      String why = "the site is left alone for " + Words.time(time.toNanos()) + ": " + reply;
      Pause fresh = new Pause(true, false, now + time.toNanos(), why, reply);
      if (fresh.leftNanos(now) > rest.leftNanos(now)) {
        rest = fresh;
      }
      lastTrouble = reply;
      lastTroubleAt = now;
      concurrency = Math.min(START, limits.concurrency());
    } finally {
      lock.unlock();
    }
  }

  /** It has asked for less: half of what it was given. */
  void slow(long now, String reply) {
    lock.lock();
    try {
      lastTrouble = reply;
      lastTroubleAt = now;
      concurrency = Math.max(1, concurrency / 2);
    } finally {
      lock.unlock();
    }
  }

  /** A site that is down, or has asked to be left alone, is tried at once. */
  void probe(long now) {
    lock.lock();
    try {
      rest = Pause.NONE;
      probeAt = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int concurrencyMax() {
    lock.lock();
    try {
      return limits.concurrency();
    } finally {
      lock.unlock();
    }
  }

  SiteReport report(long now) {
    lock.lock();
    try {
      Pause longest = longest(now);
      long paused = longest.leftNanos(now);
      long probe = down ? Math.max(0, probeAt - now) : 0;
      boolean limited = !lastLimit.isEmpty() && lastLimitUntil - now > 0;
      String state = paused > 0 ? "suspended" : down ? "down" : limited ? "throttled" : "open";
      return new SiteReport(
          name,
          state,
          inFlight,
          (int) concurrency,
          limits.concurrency(),
          limits.rates().stream().map(Rate::toString).toList(),
          lastTrouble,
          why(state, now, paused > 0 ? paused : probe, longest),
          paused > 0 ? paused : probe,
          order,
          tally.counts());
    } finally {
      lock.unlock();
    }
  }

  private String why(String state, long now, long wait, Pause longest) {
    String used = inFlight + " of " + (int) concurrency + " connections are in use";
    String said =
        lastTrouble.isEmpty()
            ? ""
            : "; the last trouble, " + Words.time(now - lastTroubleAt) + " ago: " + lastTrouble;
    return switch (state) {
      case "suspended" ->
          longest.why()
              + "; next attempt "
              + (wait == FOR_EVER ? "when it is resumed" : "in " + Words.time(wait))
              + (longest == rest ? "" : said);
      case "down" ->
          "down: "
              + lastTrouble
              + "; "
              + (wait > 0
                  ? "next attempt in " + Words.time(wait)
                  : inFlight > 0 ? "an attempt is being made" : "the next mail is an attempt");
      case "throttled" -> "throttled by " + throttle(now) + said;
      default -> "open: " + used + said;
    };
  }

  private String throttle(long now) {
    return lastLimit.startsWith("all ")
        ? "its concurrency: " + lastLimit + ", " + limits.concurrency() + " at most"
        : lastLimit + "; next attempt in " + Words.time(lastLimitUntil - now);
  }

  @Override
  public String toString() {
    return name;
  }
}
