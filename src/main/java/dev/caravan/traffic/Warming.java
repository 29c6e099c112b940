package dev.caravan.traffic;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * One source at one site while it is new there. What a day allows is counted, in a file; other
 * rates are spread evenly. Whoever uses it holds a lock.
 */
final class Warming {
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String DAY = "d";

  private final String key;
  private final WarmUp plan;
  private final WarmUpCounts counts;

  private List<Rate> rates = List.of();
  private List<Pace> paces = List.of();

  Warming(String source, String site, WarmUp plan, WarmUpCounts counts) {
    this.key = (source + " " + site).replaceAll("\\p{Cntrl}", "?");
    this.plan = plan;
    this.counts = counts;
  }

  /** Why nothing may be sent now. */
  Optional<Blocked> blocked(long now, Instant wall) {
    LocalDate today = day(wall);
    Optional<List<Rate>> allowed = plan.on(today);
    if (allowed.isEmpty()) {
      return Optional.of(
          new Blocked("its warm-up begins on " + plan.start(), nanosTo(plan.start(), wall)));
    }
    OptionalLong most = mostOn(today);
    long used = counts.used(key, today);
    if (most.isPresent() && used >= most.getAsLong()) {
      return Optional.of(
          new Blocked(
              words(today) + ": " + used + " of " + most.getAsLong() + " mails today",
              nanosTo(today.plusDays(1), wall)));
    }
    return slowest(allowed.get(), now)
        .filter(pace -> pace.waitNanos(now) > 0)
        .map(pace -> new Blocked(words(today) + ": the rate " + pace.rate(), pace.waitNanos(now)));
  }

  private Optional<Pace> slowest(List<Rate> allowed, long now) {
    if (!allowed.equals(rates)) {
      rates = allowed;
      paces = allowed.stream().filter(r -> !r.unit().equals(DAY)).map(Pace::new).toList();
    }
    return paces.stream().max(Comparator.comparingLong(pace -> pace.waitNanos(now)));
  }

  private String words(LocalDate today) {
    return "day " + (ChronoUnit.DAYS.between(plan.start(), today) + 1) + " of its warm-up";
  }

  /** One mail goes, as nothing is in its way; else why it does not. */
  Optional<Blocked> take(long now, Instant wall) {
    LocalDate today = day(wall);
    OptionalLong most = mostOn(today);
    if (most.isPresent() && !counts.take(key, today, most.getAsLong())) {
      return Optional.of(new Blocked("its warm-up can't be counted", AGAIN_NANOS));
    }
    paces.forEach(pace -> pace.take(now));
    return Optional.empty();
  }

  /** The last one did not go after all. */
  void giveBack(Instant wall) {
    counts.giveBack(key, day(wall));
    paces.forEach(Pace::giveBack);
  }

  /** Mails that went today. */
  long usedOn(Instant wall) {
    return counts.used(key, day(wall));
  }

  /** Mails that may go today; empty = as many as one likes. */
  OptionalLong mostOn(Instant wall) {
    return mostOn(day(wall));
  }

  private OptionalLong mostOn(LocalDate day) {
    return plan.on(day)
        .map(all -> all.stream().filter(r -> r.unit().equals(DAY)).mapToLong(Rate::count).min())
        .orElse(OptionalLong.of(0));
  }

  private static LocalDate day(Instant wall) {
    return LocalDate.ofInstant(wall, ZoneOffset.UTC);
  }

  private static long nanosTo(LocalDate day, Instant wall) {
    Duration left = Duration.between(wall, day.atStartOfDay().toInstant(ZoneOffset.UTC));
    Duration most = Duration.ofDays(10_000);
    return (left.compareTo(most) > 0 ? most : left).toNanos();
  }
}
