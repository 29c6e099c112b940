package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.CachingResolver;
import dev.caravan.dns.FakeDnsServer;
import dev.caravan.mail.Domain;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a policy is fetched, and how long it lives. */
final class StsPoliciesTest {
  private static final Domain DOMAIN = new Domain("dest.example");
  private static final Duration AMPLE = Duration.ofMinutes(1);

  @TempDir Path folder = Path.of("");
  private final FakeDnsServer dns = FakeDnsServer.start().ttl(0);
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final AtomicInteger fetches = new AtomicInteger();
  private final Deque<String> server = new ArrayDeque<>();

  @AfterEach
  void end() {
    dns.close();
  }

  private static String policy(String mx) {
    return "version: STSv1\nmode: enforce\nmx: " + mx + "\nmax_age: 86400\n";
  }

  /** The next text; without one the fetch fails. */
  private String fetch() throws StsFetcher.FetchException {
    fetches.incrementAndGet();
    synchronized (server) {
      if (server.isEmpty()) {
        throw new StsFetcher.FetchException(TlsResult.STS_WEBPKI_INVALID, "refused");
      }
      return server.remove();
    }
  }

  private StsPolicies start() {
    return start(domain -> fetch(), AMPLE);
  }

  private StsPolicies start(StsFetcher fetcher, Duration patience) {
    return new StsPolicies(
        new CachingResolver(dns.address()),
        fetcher,
        new StsStore(folder.resolve("data/mta-sts")),
        now::get,
        patience);
  }

  private static String text(StsPolicies.Lookup lookup) {
    return switch (lookup) {
      case StsPolicies.Lookup.Policy(StsPolicy p) -> p.mx().getFirst();
      case StsPolicies.Lookup.None n -> "none";
      case StsPolicies.Lookup.Failed(TlsTrouble t) -> t.result().toString();
      case StsPolicies.Lookup.Pending p -> "pending";
    };
  }

  private void pass(Duration time) {
    now.updateAndGet(t -> t.plus(time));
  }

  private void id(String id) {
    dns.remove("_mta-sts.dest.example").txt("_mta-sts.dest.example", "v=STSv1; id=" + id + ";");
  }

  @Test
  void withoutARecordNothingIsFetched() {
    assertThat(text(start().of(DOMAIN))).isEqualTo("none");
    assertThat(text(start().of(new Domain("[192.0.2.1]")))).isEqualTo("none");
    assertThat(fetches).hasValue(0);
  }

  @Test
  void aPolicyIsFetchedOnceAndOutlivesARestart() {
    id("1");
    server.add(policy("one.example"));
    StsPolicies policies = start();
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    assertThat(text(start().of(DOMAIN))).isEqualTo("one.example");
    assertThat(fetches).hasValue(1);
    pass(Duration.ofDays(2));
    dns.remove("_mta-sts.dest.example");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("none");
    assertThat(text(start().of(DOMAIN))).isEqualTo("none");
  }

  @Test
  void itIsKeptWhenTheRecordGoesOrTheNextOneCantBeFetched() throws Exception {
    id("1");
    server.add(policy("one.example"));
    StsPolicies policies = start();
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    dns.remove("_mta-sts.dest.example");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    dns.servfail("_mta-sts.dest.example");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    id("2");
    long end = System.nanoTime() + AMPLE.toNanos();
    while (fetches.get() < 2) {
      assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
      assertThat(System.nanoTime()).isLessThan(end);
    }
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
  }

  @Test
  void aNewIdBringsTheNewPolicy() throws Exception {
    id("1");
    server.add(policy("one.example"));
    StsPolicies policies = start();
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    id("2");
    server.add(policy("two.example"));
    long end = System.nanoTime() + AMPLE.toNanos();
    while (!text(policies.of(DOMAIN)).equals("two.example")) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
    assertThat(fetches).hasValue(2);
  }

  @Test
  void itIsRefreshedLongBeforeItExpires() throws Exception {
    id("1");
    server.add(policy("one.example"));
    server.add(policy("one.example"));
    StsPolicies policies = start();
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    pass(Duration.ofHours(13));
    assertThat(text(policies.of(DOMAIN))).isEqualTo("one.example");
    await(2);
    long end = System.nanoTime() + AMPLE.toNanos();
    pass(Duration.ofHours(12));
    while (!text(policies.of(DOMAIN)).equals("one.example")) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
  }

  @Test
  void aFailureIsRememberedAndMeansNoPolicy() {
    id("1");
    StsPolicies policies = start();
    assertThat(text(policies.of(DOMAIN))).isEqualTo("sts-webpki-invalid");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("sts-webpki-invalid");
    assertThat(fetches).hasValue(1);
    id("2");
    server.add("<html>");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("sts-policy-invalid");
    assertThat(fetches).hasValue(2);
  }

  @Test
  void whoWaitsTooLongIsToldSoAndTheFetchGoesOn() throws Exception {
    id("1");
    CountDownLatch go = new CountDownLatch(1);
    StsPolicies policies =
        start(
            domain -> {
              fetches.incrementAndGet();
              go.await();
              return policy("late.example");
            },
            Duration.ofMillis(1));
    assertThat(text(policies.of(DOMAIN))).isEqualTo("pending");
    assertThat(text(policies.of(DOMAIN))).isEqualTo("pending");
    go.countDown();
    long end = System.nanoTime() + AMPLE.toNanos();
    while (!text(policies.of(DOMAIN)).equals("late.example")) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
    assertThat(fetches).hasValue(1);
  }

  private void await(int count) throws InterruptedException {
    long end = System.nanoTime() + AMPLE.toNanos();
    while (fetches.get() < count) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
  }
}
