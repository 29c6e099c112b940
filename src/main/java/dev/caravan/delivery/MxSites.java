package dev.caravan.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.dns.Answer;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The site of each domain, looked up when mail for it is accepted and remembered for an hour. Who
 * asks waits a bounded time in all; without an answer, or without an MX host, the site is the
 * domain. Trouble of the DNS so never keeps mail out.
 */
final class MxSites {
  private static final int DOMAINS_MAX = 100_000;
  private static final Duration REMEMBERED = Duration.ofHours(1);

  /** After trouble the DNS is asked again, but not for each mail. */
  private static final long TROUBLE_NANOS = Duration.ofMinutes(1).toNanos();

  private final Resolver resolver;
  private final SiteNames names;
  private final Duration wait;
  private final Cache<Domain, Lookup> known =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(DOMAINS_MAX)
          .expireAfterWrite(REMEMBERED)
          .build();

  /**
   * @param wait for the DNS, at most, from when it was asked
   */
  MxSites(Resolver resolver, SiteNames names, Duration wait) {
    this.resolver = resolver;
    this.names = names;
    this.wait = wait;
  }

  /** Begins to look a domain up that is not known yet; returns at once. */
  void expect(Domain domain) {
    lookup(domain);
  }

  /** Whether a mail may have got this site here, though its domain may have another one now. */
  boolean isProvider(String site) {
    return names.isProvider(site);
  }

  String of(Domain domain) {
    if (domain.isLiteral()) {
      return domain.name();
    }
    return lookup(domain).get();
  }

  private Lookup lookup(Domain domain) {
    Lookup lookup =
        known
            .asMap()
            .compute(domain, (d, old) -> old == null || old.isWorthAnother() ? new Lookup(d) : old);
    lookup.start();
    return lookup;
  }

  /** One question and its answer. */
  private final class Lookup {
    private final Domain domain;
    private final long startedAt = System.nanoTime();
    private final java.util.concurrent.atomic.AtomicBoolean started =
        new java.util.concurrent.atomic.AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile String site;
    private volatile boolean trouble;

    Lookup(Domain domain) {
      this.domain = domain;
      this.site = domain.name();
    }

    void start() {
      if (!started.get() && started.compareAndSet(false, true)) {
        Thread.startVirtualThread(this::run);
      }
    }

    private void run() {
      try {
        switch (resolver.mx(domain.name())) {
          case Answer.Found<Resolver.Mx>(List<Resolver.Mx> records) -> {
            List<Resolver.Mx> hosts = records.stream().filter(mx -> !mx.host().isEmpty()).toList();
            if (!hosts.isEmpty()) {
              site = names.of(hosts);
            }
          }
          case Answer.NoData<Resolver.Mx>() -> {
            // the domain is its own server
          }
          case Answer.NoSuchName<Resolver.Mx>() -> {
            // told when it is tried
          }
          case Answer.Failed<Resolver.Mx>(String reason) -> trouble = true;
        }
      } finally {
        done.countDown();
      }
    }

    boolean isWorthAnother() {
      return trouble && System.nanoTime() - startedAt > TROUBLE_NANOS;
    }

    String get() {
      try {
        long left = startedAt + wait.toNanos() - System.nanoTime();
        if (done.getCount() > 0 && !done.await(Math.max(0, left), TimeUnit.NANOSECONDS)) {
          return domain.name();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return domain.name();
      }
      return site;
    }
  }
}
