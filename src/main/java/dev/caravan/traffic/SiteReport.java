package dev.caravan.traffic;

import java.util.List;

/**
 * How a site is doing on this node.
 *
 * @param state {@code open}, {@code throttled} (mail waits for a limit), {@code down} or {@code
 *     suspended}
 * @param inFlight deliveries now
 * @param concurrency deliveries that it may have now
 * @param concurrencyMax and at most
 * @param rates as they are written
 * @param lastTrouble the last reply that meant trouble; may be empty
 * @param why one line for people, in every state: what limits it, what it said last, when the next
 *     attempt is
 * @param againNanos until it is tried again; 0 = it is tried; {@link Long#MAX_VALUE} = when it is
 *     resumed
 * @param order what an operator has ordered for it
 * @param counts what has become of its mail
 * @param sources our addresses that its mail may start from; empty where nobody minds
 */
public record SiteReport(
    String site,
    String state,
    int inFlight,
    int concurrency,
    int concurrencyMax,
    List<String> rates,
    String lastTrouble,
    String why,
    long againNanos,
    SiteOrder order,
    SiteCounts counts,
    List<SourceReport> sources) {
  public SiteReport {
    sources = List.copyOf(sources);
    rates = List.copyOf(rates);
  }

  /** Mails a second by the slowest rate; 0 = without one. */
  public double perSecond() {
    return rates.stream()
        .flatMap(rate -> Rate.parse(rate).stream())
        .mapToDouble(rate -> 1e9 / rate.intervalNanos())
        .min()
        .orElse(0);
  }
}
