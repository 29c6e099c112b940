package dev.caravan.traffic;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What some sites are given instead of what the keys say. A bean: its properties are set in XML;
 * the first rule that names a site counts.
 */
public final class SiteRule {
  private List<String> sites = List.of();
  private OptionalInt concurrency = OptionalInt.empty();
  private Optional<List<Rate>> rates = Optional.empty();

  /**
   * Names with commas between; {@code *.example.com} is every site below that name, {@code *} all.
   */
  public void setSites(String names) {
    sites =
        Arrays.stream(names.split(",", -1))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .toList();
  }

  /** Deliveries at the same time, at most; at least 1. */
  public void setConcurrency(int max) {
    if (max < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1, not " + max);
    }
    concurrency = OptionalInt.of(max);
  }

  /** Mails in a time, e.g. {@code 10/s,5000/h}; see {@link Rate#parse}. */
  public void setRate(String text) {
    rates = Optional.of(Rate.parse(text));
  }

  boolean names(String site) {
    return sites.stream().anyMatch(name -> matches(name, site));
  }

  private static boolean matches(String name, String site) {
    return name.equals("*")
        || name.equals(site)
        || name.startsWith("*.") && site.endsWith(name.substring(1));
  }

  Limits over(Limits standard) {
    return new Limits(concurrency.orElse(standard.concurrency()), rates.orElse(standard.rates()));
  }
}
