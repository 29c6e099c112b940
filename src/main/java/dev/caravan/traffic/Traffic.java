package dev.caravan.traffic;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.SmarthostTable;
import dev.caravan.mail.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** How much each site is given at a time. Safe for use by many threads. */
public final class Traffic {
  /**
   * How many sites are remembered. One that is forgotten starts anew, as it would after a restart.
   */
  private static final int SITES_MAX = 100_000;

  private static final Duration REMEMBERED = Duration.ofHours(2);

  private final Limits standard;
  private final Duration probe;
  private final SiteOrders orders;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final Cache<String, SiteTraffic> sites =
      Caffeine.newBuilder().maximumSize(SITES_MAX).expireAfterAccess(REMEMBERED).build();
  private final List<SiteRule> rules = new CopyOnWriteArrayList<>();
  private volatile Optional<SmarthostTable> smarthosts = Optional.empty();

  /**
   * @param concurrency deliveries to one site at the same time, at most
   * @param rate mails to one site in a time; see {@link Rate#parse}
   * @param probe a site that is down is tried once in this time
   * @param orders what operators have ordered before
   */
  public Traffic(int concurrency, String rate, String probe, SiteOrders orders) {
    this(
        concurrency,
        rate,
        Durations.parse(probe),
        orders,
        System::nanoTime,
        InstantSource.system());
  }

  Traffic(
      int concurrency,
      String rate,
      Duration probe,
      SiteOrders orders,
      LongSupplier nanoTime,
      InstantSource clock) {
    this.standard = new Limits(concurrency, Rate.parse(rate));
    this.probe = probe;
    this.orders = orders;
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /** For some sites, instead of what the constructor says; set before the first mail. */
  public void setRules(List<SiteRule> rules) {
    this.rules.clear();
    this.rules.addAll(rules);
  }

  /** The list itself: Camel adds to it what XML has. */
  public List<SiteRule> getRules() {
    return rules;
  }

  /** Smarthosts and groups that say how many deliveries they may have; rules go before them. */
  public void setSmarthosts(SmarthostTable table) {
    smarthosts = Optional.of(table);
  }

  /**
   * Asks for one mail.
   *
   * @param most how many may be in flight at once for this caller's sake
   */
  public Entry tryEnter(String site, int most) {
    return of(site).tryEnter(nanoTime.getAsLong(), most);
  }

  /** The same without a share, but waits for a turn, so long at most. */
  public Entry enter(String site, Duration max) throws InterruptedException {
    SiteTraffic traffic = of(site);
    long end = nanoTime.getAsLong() + max.toNanos();
    while (true) {
      long now = nanoTime.getAsLong();
      Entry entry = traffic.tryEnter(now, Integer.MAX_VALUE);
      if (entry instanceof Entry.Later later && end - now > 0) {
        traffic.await(Math.clamp(later.nanos(), 1, end - now));
      } else {
        return entry;
      }
    }
  }

  /** How many deliveries the site may have at most. */
  public int concurrencyMax(String site) {
    return of(site).concurrencyMax();
  }

  /** What an attempt has shown of its site. */
  public void learn(Attempt attempt) {
    SiteTraffic traffic = of(attempt.mail().site());
    attempt
        .trouble()
        .ifPresentOrElse(
            reply -> traffic.trouble(nanoTime.getAsLong(), reply.toString()), traffic::answered);
  }

  /**
   * Nothing is sent to it for this time. Like every order it outlives a restart.
   *
   * @param why for people; may be empty
   * @throws java.io.UncheckedIOException when the order can't be kept; then it does not hold
   */
  public void suspend(String site, Duration time, String why) {
    suspend(site, Optional.of(clock.instant().plus(time)), why);
  }

  /** Nothing is sent to it until it is resumed. */
  public void suspend(String site, String why) {
    suspend(site, Optional.empty(), why);
  }

  private void suspend(String site, Optional<Instant> until, String why) {
    SiteOrder.Suspension suspension = new SiteOrder.Suspension(until, why);
    order(site, known -> known.withSuspension(Optional.of(suspension)));
  }

  /** Ends a suspension; a site that is down is tried at once. */
  public void resume(String site) {
    order(site, known -> known.withSuspension(Optional.empty()));
    of(site).probe(nanoTime.getAsLong());
  }

  /**
   * What the site is given instead of what rules and keys say.
   *
   * @param concurrency at least 1; empty = as rules and keys say
   * @param rates an empty list = no rate; empty = as rules and keys say
   */
  public void limit(String site, OptionalInt concurrency, Optional<List<Rate>> rates) {
    order(site, known -> known.withLimits(concurrency, rates));
  }

  /** Takes back all orders for the site: a suspension and limits. */
  public void clear(String site) {
    order(site, known -> SiteOrder.NONE);
  }

  /** The orders that hold now, by site. */
  public Map<String, SiteOrder> orders() {
    Instant now = clock.instant();
    Map<String, SiteOrder> current = new TreeMap<>();
    orders.all().forEach((site, order) -> current.put(site, order.at(now)));
    current.values().removeIf(SiteOrder.NONE::equals);
    return current;
  }

  private void order(String site, UnaryOperator<SiteOrder> change) {
    String name = site.toLowerCase(Locale.ROOT);
    orders.change(name, change, clock.instant());
    obey(of(name));
  }

  private void obey(SiteTraffic traffic) {
    traffic.ordered(
        orders.of(traffic.name()).at(clock.instant()),
        limits(traffic.name()),
        nanoTime.getAsLong(),
        clock.instant());
  }

  /** The sites that had mail lately or have an order, by name. */
  public List<SiteReport> report() {
    orders().keySet().forEach(this::of);
    long now = nanoTime.getAsLong();
    return sites.asMap().values().stream()
        .map(site -> site.report(now))
        .sorted(Comparator.comparing(SiteReport::site))
        .toList();
  }

  /** This site. */
  public SiteReport report(String site) {
    return of(site).report(nanoTime.getAsLong());
  }

  private SiteTraffic of(String site) {
    return sites.get(
        site.toLowerCase(Locale.ROOT),
        name -> {
          SiteTraffic fresh = new SiteTraffic(name, limits(name), probe);
          obey(fresh);
          return fresh;
        });
  }

  private Limits limits(String site) {
    OptionalInt own =
        smarthosts.map(table -> table.concurrencyOf(site)).orElseGet(OptionalInt::empty);
    Limits usual = own.isPresent() ? new Limits(own.getAsInt(), standard.rates()) : standard;
    Limits ruled =
        rules.stream()
            .filter(rule -> rule.names(site))
            .findFirst()
            .map(rule -> rule.over(usual))
            .orElse(usual);
    return orders.of(site).over(ruled);
  }
}
