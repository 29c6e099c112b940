package dev.caravan.traffic;

import java.util.List;

/**
 * What a site may be given at most.
 *
 * @param concurrency deliveries at the same time; at least 1
 * @param rates all hold
 */
record Limits(int concurrency, List<Rate> rates) {
  Limits {
    rates = List.copyOf(rates);
  }

  /** For each limit the first rule that says it. */
  static Limits of(List<SiteRule> rules, Limits standard) {
    return new Limits(
        rules.stream()
            .flatMapToInt(rule -> rule.concurrency().stream())
            .findFirst()
            .orElse(standard.concurrency()),
        rules.stream().flatMap(rule -> rule.rates().stream()).findFirst().orElse(standard.rates()));
  }
}
