package dev.caravan.delivery.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MTA-STS policies of domains (RFC 8461): fetched when the TXT record names an id that we do
 * not know, kept for their {@code max_age}, on disk too, and still used while a newer one can't be
 * fetched. A fetch runs beside the deliveries: who needs it waits a few seconds, then hears {@link
 * Lookup.Pending}. A fetch that failed is not repeated for five minutes. Safe for many threads.
 */
final class StsPolicies {
  private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);
  private static final int POLICIES_MAX = 10_000;
  private static final int FETCHES_MAX = 50;
  private static final Duration FAILURE_REMEMBERED = Duration.ofMinutes(5);

  private final Resolver resolver;
  private final StsFetcher fetcher;
  private final StsStore store;
  private final InstantSource clock;
  private final Duration patience;
  private final Cache<Domain, StsStore.Kept> known;
  private final Cache<Domain, Failure> failures =
      Caffeine.newBuilder()
          .maximumSize(POLICIES_MAX)
          .expireAfterWrite(FAILURE_REMEMBERED)
          .executor(Runnable::run)
          .build();
  private final ConcurrentMap<Domain, CompletableFuture<Lookup>> fetches =
      new ConcurrentHashMap<>();
  private final Semaphore places = new Semaphore(FETCHES_MAX);

  private record Failure(String id, TlsTrouble trouble) {}

  /** What a domain says. */
  sealed interface Lookup {
    record Policy(StsPolicy policy) implements Lookup {}

    /** It publishes none. */
    record None() implements Lookup {}

    /** It publishes one that can't be had: as if it published none (RFC 8461, 5). */
    record Failed(TlsTrouble trouble) implements Lookup {}

    /** It is just being fetched. */
    record Pending() implements Lookup {}
  }

  private static final Lookup NONE = new Lookup.None();

  /**
   * @param patience how long {@link #of} may wait for a fetch
   */
  StsPolicies(
      Resolver resolver,
      StsFetcher fetcher,
      StsStore store,
      InstantSource clock,
      Duration patience) {
    this.resolver = resolver;
    this.fetcher = fetcher;
    this.store = store;
    this.clock = clock;
    this.patience = patience;
    known =
        Caffeine.newBuilder()
            .maximumSize(POLICIES_MAX)
            .executor(Runnable::run)
            .evictionListener(
                (@Nullable Domain domain, StsStore.@Nullable Kept kept, RemovalCause cause) -> {
                  if (domain != null) {
                    store.delete(domain);
                  }
                })
            .build();
    store.load(POLICIES_MAX).forEach(kept -> known.put(kept.domain(), kept));
  }

  /** Never throws; an interrupted thread stays interrupted and hears {@link Lookup.Pending}. */
  Lookup of(Domain domain) {
    if (domain.isLiteral()) {
      return NONE;
    }
    Optional<StsStore.Kept> kept = kept(domain);
    Optional<String> id = StsRecord.id(resolver.txt("_mta-sts." + domain.name()).recordsOrEmpty());
    Optional<Lookup> ours = kept.map(k -> new Lookup.Policy(k.policy()));
    if (id.isEmpty()) {
      // a record that has gone, for whatever reason, does not end a policy before its time
      return ours.orElse(NONE);
    }
    boolean current = kept.isPresent() && kept.get().id().equals(id.get());
    if (current && !isHalfOver(kept.get())) {
      return ours.orElse(NONE);
    }
    Failure failure = failures.getIfPresent(domain);
    if (failure != null && failure.id().equals(id.get())) {
      return ours.orElse(new Lookup.Failed(failure.trouble()));
    }
    CompletableFuture<Lookup> fetch = fetch(domain, id.get());
    return ours.orElseGet(() -> await(fetch));
  }

  private Optional<StsStore.Kept> kept(Domain domain) {
    StsStore.Kept kept = known.getIfPresent(domain);
    if (kept == null) {
      return Optional.empty();
    }
    if (kept.expires().isAfter(clock.instant())) {
      return Optional.of(kept);
    }
    if (known.asMap().remove(domain, kept)) {
      store.delete(domain);
    }
    return Optional.empty();
  }

  /** Refreshed long before it expires, so that who cuts us off from the server gains nothing. */
  private boolean isHalfOver(StsStore.Kept kept) {
    Instant half = kept.fetched().plus(kept.policy().maxAge().dividedBy(2));
    return half.isBefore(clock.instant());
  }

  private Lookup await(CompletableFuture<Lookup> fetch) {
    try {
      return fetch.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Lookup.Pending();
    } catch (TimeoutException | ExecutionException e) {
      return new Lookup.Pending();
    }
  }

  /** One at a time for each domain. */
  private CompletableFuture<Lookup> fetch(Domain domain, String id) {
    CompletableFuture<Lookup> mine = new CompletableFuture<>();
    CompletableFuture<Lookup> running = fetches.putIfAbsent(domain, mine);
    if (running != null) {
      return running;
    }
    Optional<StsStore.Kept> meanwhile =
        kept(domain).filter(k -> k.id().equals(id) && !isHalfOver(k));
    if (meanwhile.isPresent()) {
      fetches.remove(domain, mine);
      return CompletableFuture.completedFuture(new Lookup.Policy(meanwhile.get().policy()));
    }
    if (!places.tryAcquire()) {
      fetches.remove(domain, mine);
      return CompletableFuture.completedFuture(new Lookup.Pending());
    }
    Thread.ofVirtual()
        .name("mta-sts")
        .start(
            () -> {
              try {
                mine.complete(fetched(domain, id));
              } finally {
                places.release();
                fetches.remove(domain, mine);
                mine.complete(new Lookup.Pending());
              }
            });
    return mine;
  }

  private Lookup fetched(Domain domain, String id) {
    TlsTrouble trouble;
    try {
      StsPolicy policy = StsPolicy.parse(fetcher.fetch(domain));
      StsStore.Kept kept = new StsStore.Kept(domain, id, clock.instant(), policy);
      known.put(domain, kept);
      store.save(kept);
      failures.invalidate(domain);
      return new Lookup.Policy(policy);
    } catch (StsFetcher.FetchException e) {
      trouble = e.trouble();
    } catch (IllegalArgumentException e) {
      trouble = new TlsTrouble(TlsResult.STS_POLICY_INVALID, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Lookup.Pending();
    } catch (RuntimeException e) {
      trouble = new TlsTrouble(TlsResult.STS_POLICY_FETCH_ERROR, e.toString());
    }
    LOG.warn("the MTA-STS policy of {} can't be had: {}", domain, trouble.reason());
    failures.put(domain, new Failure(id, trouble));
    return new Lookup.Failed(trouble);
  }
}
