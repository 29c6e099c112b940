package dev.caravan.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which addresses could not be connected to lately: others are tried before them. Where several of
 * one family failed in a row and none answered, the whole family comes last: a machine without IPv6
 * need not find that out for each server. Nothing is left out because of this.
 */
final class Reach {
  private static final int ADDRESSES_MAX = 10_000;
  private static final Duration REMEMBERED = Duration.ofMinutes(5);

  /** Failures in a row after which it is not the server's fault any more. */
  private static final int FAMILY_FAILURES = 3;

  private final Ticker ticker;
  private final Cache<InetSocketAddress, Boolean> failed;
  private final Family v4 = new Family();
  private final Family v6 = new Family();

  private final class Family {
    private int failures;
    private long lastAt;

    synchronized void connected() {
      failures = 0;
    }

    synchronized void failed() {
      failures++;
      lastAt = ticker.read();
    }

    synchronized boolean isDown() {
      return failures >= FAMILY_FAILURES && ticker.read() - lastAt < REMEMBERED.toNanos();
    }
  }

  Reach() {
    this(Ticker.systemTicker());
  }

  Reach(Ticker ticker) {
    this.ticker = ticker;
    this.failed =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(ADDRESSES_MAX)
            .expireAfterWrite(REMEMBERED)
            .ticker(ticker)
            .build();
  }

  void connected(Hop hop) {
    failed.invalidate(key(hop));
    family(hop).connected();
  }

  void failed(Hop hop) {
    if (failed.asMap().put(key(hop), true) == null) {
      family(hop).failed();
    }
  }

  /** Those that are likely to answer first, otherwise in the order they are in. */
  List<Hop> order(List<Hop> hops) {
    if (hops.size() == 1) {
      return hops;
    }
    List<Hop> order = new ArrayList<>(hops);
    boolean down4 = v4.isDown();
    boolean down6 = v6.isDown();
    order.sort(
        Comparator.comparingInt(
            hop ->
                failed.getIfPresent(key(hop)) != null ? 2 : (isV6(hop) ? down6 : down4) ? 1 : 0));
    return order;
  }

  private Family family(Hop hop) {
    return isV6(hop) ? v6 : v4;
  }

  private static boolean isV6(Hop hop) {
    return hop.address() instanceof Inet6Address;
  }

  private static InetSocketAddress key(Hop hop) {
    return new InetSocketAddress(hop.address(), hop.port());
  }
}
