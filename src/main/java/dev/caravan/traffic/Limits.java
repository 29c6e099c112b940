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
}
