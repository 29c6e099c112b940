package dev.caravan.traffic;

import dev.caravan.delivery.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * One of our sources at one site: what the site bears of it, whether it is left out for a time, and
 * what it may send while it is new there. Whoever uses it holds the site's lock.
 */
final class SourceTraffic {
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Source source;
  private final Adaptive adaptive;
  private final Optional<Warming> warming;

  /** Until when it is left out, if it is. */
  private Optional<Long> outUntil = Optional.empty();

  private String outWhy = "";

  SourceTraffic(Source source, Adaptive adaptive, Optional<Warming> warming) {
    this.source = source;
    this.adaptive = adaptive;
    this.warming = warming;
  }

  Source source() {
    return source;
  }

  Adaptive adaptive() {
    return adaptive;
  }

  private long outNanos(long now) {
    return outUntil.map(until -> Math.max(0, until - now)).orElse(0L);
  }

  /** Why it may not be used now, if so. */
  Optional<Blocked> blocked(long now, Instant wall) {
    Optional<Blocked> away = away(now);
    if (away.isPresent()) {
      return away;
    }
    if (adaptive.isFull()) {
      return Optional.of(
          new Blocked("all its " + adaptive.allowed() + " connections are in use", AGAIN_NANOS));
    }
    return warming.flatMap(w -> w.blocked(now, wall));
  }

  /** The site does not want it, or does not answer it. */
  Optional<Blocked> away(long now) {
    long out = outNanos(now);
    if (out > 0) {
      return Optional.of(new Blocked(outWhy, out));
    }
    if (adaptive.isDown() && (adaptive.probeInNanos(now) > 0 || adaptive.inFlight() > 0)) {
      return Optional.of(
          new Blocked(
              "down: " + adaptive.lastTrouble(),
              Math.max(AGAIN_NANOS, adaptive.probeInNanos(now))));
    }
    return Optional.empty();
  }

  /** Whether mail has a chance to leave from it soon. */
  boolean isOfUse(long now) {
    return outNanos(now) == 0 && !adaptive.isDown();
  }

  /** One mail goes; else why it does not. */
  Optional<Blocked> take(long now, Instant wall) {
    return warming.flatMap(w -> w.take(now, wall));
  }

  /** A mail that it was taken for has reached nobody. */
  void giveBack(Instant wall) {
    warming.ifPresent(w -> w.giveBack(wall));
  }

  void leaveOut(long now, Duration time, String reply, int most) {
    if (time.toNanos() > outNanos(now)) {
      outUntil = Optional.of(now + time.toNanos());
      outWhy = "left out for " + Words.time(time.toNanos()) + ": " + reply;
    }
    adaptive.restart(now, reply, most);
  }

  /** It is tried at once, whatever was said. */
  void probe(long now) {
    outUntil = Optional.empty();
    adaptive.probe(now);
  }

  SourceReport report(long now, Instant wall) {
    Optional<Blocked> blocked = blocked(now, wall);
    String state =
        outNanos(now) > 0
            ? "left-out"
            : adaptive.isDown()
                ? "down"
                : adaptive.isFull() ? "full" : blocked.isPresent() ? "waiting" : "open";
    String used = adaptive.inFlight() + " of " + adaptive.allowed() + " connections are in use";
    String why =
        switch (state) {
          case "down" -> "down: " + adaptive.lastTrouble();
          case "open" -> used + adaptive.lastTrouble(now);
          default -> blocked.map(Blocked::why).orElse(used);
        };
    long again = blocked.map(Blocked::nanos).orElse(0L);
    return new SourceReport(
        source.id(),
        source.name(),
        state,
        adaptive.inFlight(),
        adaptive.allowed(),
        warming.map(w -> w.usedOn(wall)).orElse(0L),
        warming.map(w -> w.mostOn(wall)).orElse(OptionalLong.empty()),
        state.equals("open") || state.equals("full")
            ? why
            : why + "; again " + (again > 0 ? "in " + Words.time(again) : "with the next mail"),
        again);
  }
}
