package dev.caravan.traffic;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.delivery.Attempt;
import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How much each site is given at a time. Safe for use by many threads. */
public final class Traffic {
  /**
   * How many sites are remembered. One that is forgotten starts anew, as it would after a restart.
   */
  private static final int SITES_MAX = 100_000;

  private static final Duration REMEMBERED = Duration.ofHours(2);
  private static final long WAIT_NANOS_MAX = Duration.ofMillis(500).toNanos();

  private final Limits standard;
  private final Duration probe;
  private final LongSupplier nanoTime;
  private final Cache<String, SiteTraffic> sites =
      Caffeine.newBuilder().maximumSize(SITES_MAX).expireAfterAccess(REMEMBERED).build();
  private volatile List<SiteRule> rules = List.of();

  /**
   * @param concurrency deliveries to one site at the same time, at most
   * @param rate mails to one site in a time; see {@link Rate#parse}
   * @param probe a site that is down is tried once in this time
   */
  public Traffic(int concurrency, String rate, String probe) {
    this(concurrency, rate, Durations.parse(probe), System::nanoTime);
  }

  Traffic(int concurrency, String rate, Duration probe, LongSupplier nanoTime) {
    this.standard = new Limits(concurrency, Rate.parse(rate));
    this.probe = probe;
    this.nanoTime = nanoTime;
  }

  /** For some sites, instead of what the constructor says; set before the first mail. */
  public void setRules(List<SiteRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Asks for one mail.
   *
   * @param most how many may be in flight at once for this caller's sake
   */
  public Entry tryEnter(String site, int most) {
    return of(site).tryEnter(nanoTime.getAsLong(), most);
  }

  /**
   * Waits for a turn.
   *
   * @param stop asked several times a second; true ends the waiting
   * @return null when it was stopped
   */
  public Entry.@Nullable Turn enter(String site, BooleanSupplier stop) throws InterruptedException {
    SiteTraffic traffic = of(site);
    while (!stop.getAsBoolean()) {
      switch (traffic.tryEnter(nanoTime.getAsLong(), Integer.MAX_VALUE)) {
        case Entry.Turn turn -> {
          return turn;
        }
        case Entry.Later later -> traffic.await(Math.clamp(later.nanos(), 1, WAIT_NANOS_MAX));
      }
    }
    return null;
  }

  /** How many deliveries the site may have at most. */
  public int concurrencyMax(String site) {
    return limits(site.toLowerCase(Locale.ROOT)).concurrency();
  }

  /** What an attempt has shown of its site. */
  public void learn(Attempt attempt) {
    SiteTraffic traffic = of(attempt.mail().site());
    attempt
        .trouble()
        .ifPresentOrElse(
            reply -> traffic.trouble(nanoTime.getAsLong(), reply.toString()), traffic::answered);
  }

  /** Nothing is sent to it for this time, or until it is resumed. */
  public void suspend(String site, Duration time, String why) {
    of(site).suspend(nanoTime.getAsLong(), time, why);
  }

  /** Ends a suspension; a site that is down is tried at once. */
  public void resume(String site) {
    of(site).resume(nanoTime.getAsLong());
  }

  /** The sites that had mail lately, by name. */
  public List<SiteReport> report() {
    long now = nanoTime.getAsLong();
    return sites.asMap().values().stream()
        .map(site -> site.report(now))
        .sorted(Comparator.comparing(SiteReport::site))
        .toList();
  }

  private SiteTraffic of(String site) {
    return sites.get(
        site.toLowerCase(Locale.ROOT), name -> new SiteTraffic(name, limits(name), probe));
  }

  private Limits limits(String site) {
    return rules.stream()
        .filter(rule -> rule.names(site))
        .findFirst()
        .map(rule -> rule.over(standard))
        .orElse(standard);
  }
}
