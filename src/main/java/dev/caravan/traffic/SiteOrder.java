package dev.caravan.traffic;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an operator has ordered for one site. It goes before rules and keys, and outlives a restart.
 *
 * @param suspension nothing is sent
 * @param concurrency deliveries at the same time, at most; at least 1
 * @param rates mails in a time; an empty list = no rate, whatever a rule says
 */
public record SiteOrder(
    Optional<Suspension> suspension, OptionalInt concurrency, Optional<List<Rate>> rates) {
  /** No order. */
  public static final SiteOrder NONE =
      new SiteOrder(Optional.empty(), OptionalInt.empty(), Optional.empty());

  /**
   * @param until empty = until it is resumed
   * @param why for people; may be empty
   */
  public record Suspension(Optional<Instant> until, String why) {
    boolean isOver(Instant now) {
      return until.filter(end -> !end.isAfter(now)).isPresent();
    }

    @Override
    public String toString() {
      return "suspended by the operator "
          + until.map(end -> "until " + end).orElse("until it is resumed")
          + (why.isBlank() ? "" : ": " + why);
    }
  }

  public SiteOrder {
    if (concurrency.isPresent() && concurrency.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "concurrency must be at least 1, not " + concurrency.getAsInt());
    }
    rates = rates.map(List::copyOf);
  }

  SiteOrder withSuspension(Optional<Suspension> other) {
    return new SiteOrder(other, concurrency, rates);
  }

  SiteOrder withLimits(OptionalInt otherConcurrency, Optional<List<Rate>> otherRates) {
    return new SiteOrder(suspension, otherConcurrency, otherRates);
  }

  /** Without a suspension that is over. */
  SiteOrder at(Instant now) {
    return suspension.filter(s -> s.isOver(now)).isPresent()
        ? withSuspension(Optional.empty())
        : this;
  }

  Limits over(Limits standard) {
    return new Limits(concurrency.orElse(standard.concurrency()), rates.orElse(standard.rates()));
  }
}
