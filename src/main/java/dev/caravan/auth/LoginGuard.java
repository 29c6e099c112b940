package dev.caravan.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.mail.AddressBlock;
import dev.caravan.mail.Durations;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Slows down, then blocks, an address ({@link AddressBlock}) that fails to log in. An account is
 * never blocked for others' failures: that would let strangers lock its owner out.
 */
public final class LoginGuard {
  private static final int ADDRESSES_MAX = 100_000;
  private static final Duration DELAY_MAX = Duration.ofSeconds(30);
  private static final int DOUBLINGS_MAX = 10;

  private final int failuresMax;
  private final Duration delay;
  private final Cache<InetAddress, Integer> failures;
  private final Cache<InetAddress, Boolean> blocked;

  /**
   * @param failuresMax after how many failures an address is blocked
   * @param window how long a failure counts
   * @param block how long an address is blocked
   * @param delay before the reply to a first failure; it doubles with each, up to 30 seconds
   */
  public LoginGuard(int failuresMax, String window, String block, String delay) {
    this.failuresMax = failuresMax;
    this.delay = Durations.parse(delay);
    this.failures =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(ADDRESSES_MAX)
            .expireAfterWrite(Durations.parse(window))
            .build();
    this.blocked =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(ADDRESSES_MAX)
            .expireAfterWrite(Durations.parse(block))
            .build();
  }

  /** Whether the address may not even try. */
  public boolean isBlocked(InetAddress address) {
    return blocked.getIfPresent(AddressBlock.of(address)) != null;
  }

  /**
   * It has failed.
   *
   * @return how long to wait before it is told
   */
  public Duration failed(InetAddress address) {
    InetAddress network = AddressBlock.of(address);
    int count = failures.asMap().merge(network, 1, Integer::sum);
    if (count >= failuresMax) {
      blocked.put(network, true);
      failures.invalidate(network);
    }
    Duration wait = delay.multipliedBy(1L << Math.min(count - 1, DOUBLINGS_MAX));
    return wait.compareTo(DELAY_MAX) > 0 ? DELAY_MAX : wait;
  }

  /** It has logged in: what failed before was a slip. */
  public void succeeded(InetAddress address) {
    failures.invalidate(AddressBlock.of(address));
  }
}
