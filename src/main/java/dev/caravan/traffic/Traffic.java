package dev.caravan.traffic;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.ConnectionCounts;
import dev.caravan.delivery.SiteLimits;
import dev.caravan.delivery.SmarthostTable;
import dev.caravan.delivery.Sources;
import dev.caravan.mail.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** How much each site is given at a time. Safe for use by many threads. */
public final class Traffic implements SiteLimits, ConnectionCounts {
  /**
   * How many sites are remembered. One that is forgotten starts anew, as it would after a restart.
   */
  private static final int SITES_MAX = 50_000;

  /** Longer than the time between two mails at the slowest rate, one a day. */
  private static final Duration REMEMBERED = Duration.ofHours(25);

  private final Limits standard;
  private final Duration probe;
  private final SiteOrders orders;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final Cache<String, SiteTraffic> sites =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(SITES_MAX)
          .expireAfterAccess(REMEMBERED)
          .build();
  private final Cache<BucketKey, Bucket> buckets =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(SITES_MAX)
          .expireAfterAccess(REMEMBERED)
          .build();
  private final List<SiteRule> rules = new CopyOnWriteArrayList<>();
  private final List<SenderRule> senderRules = new CopyOnWriteArrayList<>();
  private volatile SmarthostTable smarthosts = new SmarthostTable();
  private volatile String campaignHeader = "X-Campaign";
  private final SourceTurns turns;

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
    this.turns = new SourceTurns(this::of, nanoTime, clock);
  }

  /** For some sites, instead of what the constructor says; set before the first mail. */
  public void setRules(List<SiteRule> rules) {
    this.rules.clear();
    this.rules.addAll(rules);
  }

  /** In XML {@code rules[0]}, {@code rules[1]} …. */
  public List<SiteRule> getRules() {
    return rules;
  }

  /** Where mail may start from; set before the first mail. */
  public void setSources(Sources known) {
    turns.use(known);
  }

  /** What new sources may send; set before the first mail. */
  public void setWarmUps(List<WarmUpRule> rules) {
    turns.warmUps().clear();
    turns.warmUps().addAll(rules);
  }

  /** In XML {@code warmUps[0]}, {@code warmUps[1]} …. */
  public List<WarmUpRule> getWarmUps() {
    return turns.warmUps();
  }

  /** Where the mails of warm-ups are counted; needed where there is a warm-up. */
  public void setWarmUpCounts(WarmUpCounts counts) {
    turns.count(counts);
  }

  /** Whether it matters which source a mail starts from. */
  public boolean mindsSources() {
    return turns.mindsSources();
  }

  /** Where mail may start from. */
  public Sources sources() {
    return turns.sources();
  }

  /** Smarthosts may have a concurrency of their own; set before the first mail. */
  public void setSmarthosts(SmarthostTable table) {
    this.smarthosts = table;
  }

  /** For sender domains, users and campaigns; set before the first mail. */
  public void setSenderRules(List<SenderRule> rules) {
    senderRules.clear();
    senderRules.addAll(rules);
  }

  /** In XML {@code senderRules[0]}, {@code senderRules[1]} …. */
  public List<SenderRule> getSenderRules() {
    return senderRules;
  }

  /** Whether more counts of a mail than its site. */
  public boolean countsSenders() {
    return !senderRules.isEmpty();
  }

  /** The header field that names a mail's campaign; {@code X-Campaign} unless it is set. */
  public void setCampaignHeader(String name) {
    this.campaignHeader = name;
  }

  /** The header field that must be known of a queued mail; empty when no rule counts campaigns. */
  public Optional<String> campaignHeader() {
    return senderRules.stream().anyMatch(rule -> rule.by() == SenderRule.By.CAMPAIGN)
        ? Optional.of(campaignHeader)
        : Optional.empty();
  }

  /**
   * Asks for one mail.
   *
   * @param most how many may be in flight to its site at once for this caller's sake
   * @param isHere whether the mail is in this lane: a mail that leaves the lane of its sender
   *     domain, user or campaign counts there, wherever it waits next
   */
  public Entry tryEnter(Ask ask, int most, Predicate<String> isHere) {
    return ask(ask, most, isHere).entry();
  }

  /**
   * The same without a share, but waits for a turn, so long at most, as long as the mail is in the
   * right lane.
   */
  public Entry enter(Ask ask, Predicate<String> isHere, Duration max) throws InterruptedException {
    long end = nanoTime.getAsLong() + max.toNanos();
    while (true) {
      Answer answer = ask(ask, Integer.MAX_VALUE, isHere);
      long left = end - nanoTime.getAsLong();
      if (answer.entry() instanceof Entry.Later later && isHere.test(later.lane()) && left > 0) {
        answer.gate().await(Math.clamp(later.nanos(), 1, left));
      } else {
        return answer.entry();
      }
    }
  }

  private record Answer(Entry entry, Gate gate) {}

  private Answer ask(Ask ask, int most, Predicate<String> isHere) {
    SiteTraffic site = of(ask.site());
    long now = nanoTime.getAsLong();
    if (senderRules.isEmpty()) {
      return new Answer(turns.enter(site, ask, most, isHere), site);
    }
    List<Bucket> taken = new ArrayList<>();
    for (SenderRule rule : senderRules) {
      if (rule.concerns(ask)) {
        Bucket bucket = bucket(rule, rule.by().of(ask));
        Optional<Entry.Later> later = bucket.take(now);
        if (later.isPresent()) {
          taken.forEach(each -> each.leave(true));
          return new Answer(later.get(), bucket);
        }
        taken.add(bucket);
      }
    }
    return switch (turns.enter(site, ask, most, isHere)) {
      case Entry.Turn turn -> new Answer(taken.isEmpty() ? turn : turn(turn, taken), site);
      case Entry.Later later -> {
        taken.forEach(each -> each.leave(!isHere.test(each.lane())));
        yield new Answer(later, site);
      }
    };
  }

  private static Entry.Turn turn(Entry.Turn ofSite, List<Bucket> taken) {
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      ofSite.close();
      if (open.getAndSet(false)) {
        taken.forEach(each -> each.leave(false));
      }
    };
  }

  private record BucketKey(SenderRule rule, String name) {}

  private Bucket bucket(SenderRule rule, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return buckets.get(new BucketKey(rule, lower), key -> rule.bucket(lower));
  }

  /** How many deliveries the site may have at most. */
  public int concurrencyMax(String site) {
    return of(site).concurrencyMax();
  }

  /** What an attempt has shown of its site: nothing when no server of it was asked. */
  public void learn(Attempt attempt) {
    if (!attempt.wasMade()) {
      return;
    }
    SiteTraffic traffic = of(attempt.mail().site());
    traffic.count(attempt);
    String source = turns.sourceOf(attempt);
    if (attempt.wasAsked()) {
      attempt
          .trouble()
          .ifPresentOrElse(
              reply -> traffic.trouble(nanoTime.getAsLong(), reply.toString(), source),
              () -> traffic.answered(source));
    }
    if (attempt.peer().isEmpty()) {
      turns.unused(traffic, source);
    }
  }

  /**
   * The site does not want the source of this attempt: it is left out for a time. Where nobody
   * minds the source, the site is left alone.
   *
   * @return whether the mail may start from another one
   */
  boolean leaveOut(Attempt attempt, Duration time, String reply) {
    SiteTraffic traffic = of(attempt.mail().site());
    Optional<Boolean> another = turns.leaveOut(traffic, attempt, time, reply);
    if (another.isEmpty()) {
      traffic.rest(nanoTime.getAsLong(), time, reply);
    }
    return another.orElse(false);
  }

  @Override
  public void opened(String site, String tls) {
    of(site).count(tally -> tally.opened(tls));
  }

  @Override
  public void reused(String site) {
    of(site).count(SiteCounts.Tally::reused);
  }

  @Override
  public void failed(String site) {
    of(site).count(SiteCounts.Tally::failed);
  }

  /** The site has asked to be left alone so long; a restart forgets it. */
  void rest(String site, Duration time, String reply) {
    of(site).rest(nanoTime.getAsLong(), time, reply);
  }

  /** The site has asked for less, of the source where it matters. */
  void slow(Attempt attempt, String reply) {
    of(attempt.mail().site()).slow(nanoTime.getAsLong(), reply, turns.sourceOf(attempt));
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
        .map(site -> site.report(now, clock.instant()))
        .sorted(Comparator.comparing(SiteReport::site))
        .toList();
  }

  /** This site. */
  public SiteReport report(String site) {
    return of(site).report(nanoTime.getAsLong(), clock.instant());
  }

  private SiteTraffic of(String site) {
    return sites.get(
        site.toLowerCase(Locale.ROOT),
        name -> {
          SiteTraffic fresh =
              new SiteTraffic(name, limits(name), probe, source -> turns.warming(source, name));
          obey(fresh);
          return fresh;
        });
  }

  private Limits limits(String site) {
    Limits usual =
        new Limits(smarthosts.concurrencyOf(site).orElse(standard.concurrency()), standard.rates());
    return orders.of(site).over(Limits.of(rulesFor(site), usual));
  }

  private List<SiteRule> rulesFor(String site) {
    return rules.stream().filter(rule -> rule.names(site)).toList();
  }

  @Override
  public OptionalInt concurrency(String site) {
    return OptionalInt.of(concurrencyMax(site));
  }

  @Override
  public OptionalInt messagesPerConnection(String site) {
    return rulesFor(site).stream().flatMapToInt(rule -> rule.messages().stream()).findFirst();
  }

  @Override
  public OptionalInt recipientsPerTransaction(String site) {
    return rulesFor(site).stream().flatMapToInt(rule -> rule.recipients().stream()).findFirst();
  }
}
