package dev.caravan.traffic;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Source;
import dev.caravan.delivery.SourcePool;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One site, with a concurrency that {@link Adaptive adapts}. Where mail to it may start from
 * several places each of these has a concurrency of its own; the site is down when all of them are.
 *
 * <p>All times are those of {@link System#nanoTime}. The lock is held for a few instructions only,
 * and now and then for a write to the counts of a warm-up.
 */
final class SiteTraffic extends Gate {
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String name;
  private final long probeNanos;

  private Limits limits;
  private List<Pace> paces;
  private SiteOrder order = SiteOrder.NONE;

  /** Of the site as a whole; where there are sources, only what it is in flight counts. */
  private final Adaptive own;

  private final SiteSources sources;

  /** When one of its sources may ask whether the site is back, while all are down. */
  private long probeAt;

  /** By an operator's order. */
  private Pause pause = Pause.NONE;

  /** By what the site has said. */
  private Pause rest = Pause.NONE;

  private final SiteCounts.Tally tally = new SiteCounts.Tally();

  private LastLimit lastLimit = LastLimit.NONE;

  /**
   * Where a mail may start from.
   *
   * @param lane where it waits when it may start from nowhere
   */
  record Way(SourcePool pool, String lane, Instant wall) {}

  SiteTraffic(String name, Limits limits, Duration probe) {
    this(name, limits, probe, source -> Optional.empty());
  }

  /**
   * @param warmings what a source may send while it is new here
   */
  SiteTraffic(
      String name, Limits limits, Duration probe, Function<Source, Optional<Warming>> warmings) {
    this.name = name;
    this.limits = limits;
    this.paces = limits.rates().stream().map(Pace::new).toList();
    this.probeNanos = probe.toNanos();
    this.own = new Adaptive(limits.concurrency(), probe);
    this.sources =
        new SiteSources(
            source ->
                new SourceTraffic(
                    source,
                    new Adaptive(this.limits.concurrency(), probe),
                    warmings.apply(source)));
  }

  String name() {
    return name;
  }

  /**
   * @param most how many may be in flight at once for this caller's sake, below the site's own
   *     limit
   */
  Entry tryEnter(long now, int most) {
    return tryEnter(now, most, Optional.empty());
  }

  /**
   * The same for a mail that may start from some places; its turn names the one it is to start
   * from.
   */
  Entry tryEnter(long now, int most, Optional<Way> way) {
    lock.lock();
    try {
      way.ifPresent(w -> sources.know(w.pool()));
      Pause longest = longest(now);
      long paused = longest.leftNanos(now);
      if (paused > 0) {
        return new Entry.Later(longest.why(), longest.told(), paused, name);
      }
      if (isDown()) {
        if (probeInNanos(now) > 0) {
          return later(downWhy(), probeInNanos(now));
        }
        if (own.inFlight() > 0) {
          return later(downWhy(), AGAIN_NANOS);
        }
      }
      int allowed = sources.isEmpty() ? own.allowed() : limits.concurrency();
      if (own.inFlight() >= allowed) {
        return limited(now, "all " + allowed + " connections are in use", AGAIN_NANOS);
      }
      if (own.inFlight() >= most) {
        return later(most + " mails are being delivered", AGAIN_NANOS);
      }
      Optional<Pace> slowest =
          paces.stream().max(Comparator.comparingLong(pace -> pace.waitNanos(now)));
      long wait = slowest.map(pace -> pace.waitNanos(now)).orElse(0L);
      if (wait > 0) {
        return limited(now, "the rate " + slowest.orElseThrow().rate(), wait);
      }
      return way.isPresent() ? enter(now, way.get()) : enter(now, Optional.empty());
    } finally {
      lock.unlock();
    }
  }

  private Entry enter(long now, Way way) {
    Optional<SourceTraffic> source = sources.pick(way.pool(), now, way.wall());
    if (source.isEmpty()) {
      return limited(now, sources.blocked(way.pool(), now, way.wall()), way);
    }
    Optional<Blocked> after = source.get().take(now, way.wall());
    return after.isPresent() ? limited(now, after.get(), way) : enter(now, source);
  }

  private Entry.Turn enter(long now, Optional<SourceTraffic> source) {
    paces.forEach(pace -> pace.take(now));
    own.enter();
    source.ifPresent(s -> s.adaptive().enter());
    return turn(source);
  }

  private Entry.Later limited(long now, Blocked blocked, Way way) {
    met(now, blocked.why(), blocked.nanos(), true);
    return new Entry.Later(blocked.why(), "it must wait for its turn", blocked.nanos(), way.lane());
  }

  private boolean isDown() {
    return sources.isEmpty() ? own.isDown() : sources.areDown();
  }

  private long probeInNanos(long now) {
    return sources.isEmpty()
        ? own.probeInNanos(now)
        : sources.areDown() ? Math.max(0, probeAt - now) : 0;
  }

  private Pause longest(long now) {
    return pause.leftNanos(now) >= rest.leftNanos(now) ? pause : rest;
  }

  private Entry.Later limited(long now, String why, long nanos) {
    met(now, why, nanos, false);
    return later(why, nanos);
  }

  private void met(long now, String why, long nanos, boolean ofSource) {
    lastLimit = new LastLimit(why, now + Math.max(nanos, AGAIN_NANOS), now, ofSource);
  }

  private Entry.Later later(String why, long nanos) {
    return new Entry.Later(why, why, nanos, name);
  }

  private String downWhy() {
    return "the site is down: " + own.lastTrouble();
  }

  private Entry.Turn turn(Optional<SourceTraffic> from) {
    return new Entry.Turn() {
      private boolean open = true;

      @Override
      public void close() {
        lock.lock();
        try {
          if (open) {
            open = false;
            own.leave();
            from.ifPresent(s -> s.adaptive().leave());
            changed.signal();
          }
        } finally {
          lock.unlock();
        }
      }

      @Override
      public Optional<Source> source() {
        return from.map(SourceTraffic::source);
      }
    };
  }

  void count(Attempt attempt) {
    count(t -> t.add(attempt));
  }

  void count(Consumer<SiteCounts.Tally> what) {
    lock.lock();
    try {
      what.accept(tally);
    } finally {
      lock.unlock();
    }
  }

  /** The site has answered, whatever it said. */
  void answered() {
    answered("");
  }

  /**
   * @param source that was used, by its id
   */
  void answered(String source) {
    lock.lock();
    try {
      concerned(source).answered(limits.concurrency());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Of a source, or of the site where nobody minds the source. */
  private Adaptive concerned(String source) {
    return sources.find(source).map(SourceTraffic::adaptive).orElse(own);
  }

  /** It could not be reached, broke off, or said that it is too much for it. */
  void trouble(long now, String reply) {
    trouble(now, reply, "");
  }

  /**
   * @param source that was used, by its id
   */
  void trouble(long now, String reply, String source) {
    lock.lock();
    try {
      own.said(now, reply);
      concerned(source).trouble(now, reply);
      if (sources.areDown()) {
        probeAt = now + probeNanos;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Of our sources at this site. */
  <T> T ask(Function<SiteSources, T> question) {
    lock.lock();
    try {
      return question.apply(sources);
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
      own.cap(fresh.concurrency());
      sources.cap(fresh.concurrency());
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
      own.restart(now, reply, limits.concurrency());
    } finally {
      lock.unlock();
    }
  }

  /**
   * It has asked for less: half of what it was given.
   *
   * @param source that was used, by its id
   */
  void slow(long now, String reply, String source) {
    lock.lock();
    try {
      own.said(now, reply);
      concerned(source).slow(now, reply);
    } finally {
      lock.unlock();
    }
  }

  /** A site that is down, or has asked to be left alone, is tried at once. */
  void probe(long now) {
    lock.lock();
    try {
      rest = Pause.NONE;
      own.probe(now);
      sources.probe(now);
      probeAt = now;
      lastLimit = LastLimit.NONE;
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

  /**
   * @param wall what the clock says at {@code now}
   */
  SiteReport report(long now, Instant wall) {
    lock.lock();
    try {
      Pause longest = longest(now);
      long paused = longest.leftNanos(now);
      String state =
          paused > 0 ? "suspended" : isDown() ? "down" : lastLimit.isOn(now) ? "throttled" : "open";
      return new SiteReport(
          name,
          state,
          own.inFlight(),
          allowed(),
          limits.concurrency(),
          limits.rates().stream().map(Rate::toString).toList(),
          own.lastTrouble(),
          why(state, now, paused > 0 ? paused : probeInNanos(now), longest),
          paused > 0 ? paused : probeInNanos(now),
          order,
          tally.counts(),
          sources.report(now, wall));
    } finally {
      lock.unlock();
    }
  }

  private int allowed() {
    return sources.isEmpty() ? own.allowed() : Math.min(sources.allowed(), limits.concurrency());
  }

  private String why(String state, long now, long wait, Pause longest) {
    String used = own.inFlight() + " of " + allowed() + " connections are in use";
    String said = own.lastTrouble(now);
    return switch (state) {
      case "suspended" ->
          longest.why()
              + "; next attempt "
              + (wait == Pause.FOR_EVER ? "when it is resumed" : "in " + Words.time(wait))
              + (longest == rest ? "" : said);
      case "down" ->
          "down: "
              + own.lastTrouble()
              + "; "
              + (wait > 0
                  ? "next attempt in " + Words.time(wait)
                  : own.inFlight() > 0
                      ? "an attempt is being made"
                      : "the next mail is an attempt");
      case "throttled" -> "throttled by " + throttle(now) + said;
      default -> "open: " + used + said;
    };
  }

  private String throttle(long now) {
    return lastLimit.why().startsWith("all ")
        ? "its concurrency: " + lastLimit.why() + ", " + limits.concurrency() + " at most"
        : lastLimit.why() + "; next attempt in " + Words.time(lastLimit.until() - now);
  }

  @Override
  public String toString() {
    return name;
  }
}
