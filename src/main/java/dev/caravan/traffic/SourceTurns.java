package dev.caravan.traffic;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Source;
import dev.caravan.delivery.SourcePool;
import dev.caravan.delivery.Sources;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Turns that name the source a mail is to start from. The source is chosen with the turn, so that a
 * mail that may start from nowhere is not taken up at all; the client asks here which one it was.
 * Where all mail has one source nothing of this happens.
 */
final class SourceTurns {
  private final Function<String, SiteTraffic> sites;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final List<WarmUpRule> warmUps = new CopyOnWriteArrayList<>();
  private volatile Optional<WarmUpCounts> counts = Optional.empty();
  private volatile Sources sources = new Sources();

  /** By mail and site, the source's id; as many as there are turns. */
  private final Map<String, String> chosen = new ConcurrentHashMap<>();

  SourceTurns(Function<String, SiteTraffic> sites, LongSupplier nanoTime, InstantSource clock) {
    this.sites = sites;
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  void use(Sources known) {
    known.setPermit(new Permit());
    sources = known;
  }

  void count(WarmUpCounts known) {
    counts = Optional.of(known);
  }

  Sources sources() {
    return sources;
  }

  List<WarmUpRule> warmUps() {
    return warmUps;
  }

  /** Whether it matters which source a mail starts from. */
  boolean mindsSources() {
    return !warmUps.isEmpty() || sources.hasSeveral();
  }

  /** What this source may send there while it is new. */
  Optional<Warming> warming(Source source, String site) {
    return warmUps.stream()
        .filter(rule -> rule.isFor(source, site))
        .findFirst()
        .map(rule -> new Warming(source.id(), site, rule.plan(), counts.orElseThrow()));
  }

  /** Asks the site, and remembers the source. */
  Entry enter(SiteTraffic site, Ask ask, int most, Predicate<String> isHere) {
    long now = nanoTime.getAsLong();
    if (ask.pool().isEmpty()) {
      return site.tryEnter(now, most);
    }
    SourcePool pool = ask.pool().get();
    String lane = sources.hasSeveralPools() ? site.name() + ".from-" + pool.name() : site.name();
    SiteTraffic.Way way = new SiteTraffic.Way(pool, lane, clock.instant());
    return switch (site.tryEnter(now, most, Optional.of(way))) {
      case Entry.Turn turn -> remembering(turn, ask);
      // Who waits for the site waits for it wherever he is already.
      case Entry.Later later ->
          later.lane().equals(site.name()) && isHere.test(lane)
              ? new Entry.Later(later.why(), later.told(), later.nanos(), lane)
              : later;
    };
  }

  private Entry.Turn remembering(Entry.Turn turn, Ask ask) {
    String key = key(ask.mailId(), ask.site());
    String source = turn.source().map(Source::id).orElse("");
    chosen.put(key, source);
    return () -> {
      chosen.remove(key, source);
      turn.close();
    };
  }

  private static String key(String mailId, String site) {
    return mailId + " " + site;
  }

  private Optional<String> ofTurn(QueuedMail mail) {
    return Optional.ofNullable(chosen.get(key(mail.id().value(), mail.site())));
  }

  /** The source that an attempt was made from; empty where nobody minds. */
  String sourceOf(Attempt attempt) {
    return mindsSources() ? ofTurn(attempt.mail()).orElse(attempt.source().id()) : "";
  }

  void unused(SiteTraffic site, String source) {
    site.ask(
        known -> {
          known.unused(source, clock.instant());
          return true;
        });
  }

  /** Whether another source is left; empty where nobody minds. */
  Optional<Boolean> leaveOut(SiteTraffic site, Attempt attempt, Duration time, String reply) {
    if (!mindsSources()) {
      return Optional.empty();
    }
    SourcePool pool = sources.poolOf(attempt.mail());
    int most = site.concurrencyMax();
    return site.ask(
        known -> known.leaveOut(sourceOf(attempt), pool, nanoTime.getAsLong(), time, reply, most));
  }

  /** What the client asks when it chooses a source: that of the mail's turn, where it has one. */
  private final class Permit implements Sources.Permit {
    @Override
    public boolean mayUse(Source source, QueuedMail mail) {
      if (!mindsSources()) {
        return true;
      }
      Optional<String> turn = ofTurn(mail);
      return turn.isPresent()
          ? turn.get().equals(source.id())
          : site(mail).ask(s -> s.mayUse(source, nanoTime.getAsLong(), clock.instant()));
    }

    @Override
    public boolean use(Source source, QueuedMail mail) {
      return !mindsSources()
          || ofTurn(mail).isPresent()
          || site(mail).ask(s -> s.use(source, nanoTime.getAsLong(), clock.instant()));
    }

    private SiteTraffic site(QueuedMail mail) {
      return sites.apply(mail.site());
    }
  }
}
