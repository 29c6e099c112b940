package dev.caravan.netty;

import dev.caravan.mail.AddressBlock;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Replies;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Who is connected now, and who may still come. */
final class Connections {
  private static final Duration POLL = Duration.ofMillis(10);

  /** Longer than who has been told to go may linger. */
  private static final Duration LAST_WAIT = Duration.ofSeconds(3);

  private final int max;
  private final int perAddressMax;
  private final PenaltyBox penaltyBox;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();
  private final Map<String, Integer> perListener = new ConcurrentHashMap<>();
  private final Set<SmtpServerHandler> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  Connections(ServerOptions options) {
    this.max = options.connectionsMax();
    this.perAddressMax = options.connectionsPerAddressMax();
    this.penaltyBox = new PenaltyBox(options.penalties());
  }

  /**
   * Lets one more in, or says why not. Whoever was let in calls {@link #left} once.
   *
   * @param trusted whether the limit for one address does not bind it
   */
  Optional<SmtpReply> enter(
      InetAddress address, boolean trusted, SmtpServerHandler handler, ListenerOptions listener) {
    if (draining) {
      return Optional.of(Replies.SHUTDOWN);
    }
    if (count.incrementAndGet() > max) {
      count.decrementAndGet();
      return Optional.of(Replies.TOO_MANY_CONNECTIONS);
    }
    String name = listener.listening().name();
    if (perListener.merge(name, 1, Integer::sum) > listener.connectionsMax()) {
      forget(perListener, name);
      count.decrementAndGet();
      return Optional.of(Replies.TOO_MANY_CONNECTIONS);
    }
    if (!trusted && perAddress.merge(AddressBlock.of(address), 1, Integer::sum) > perAddressMax) {
      forget(perAddress, AddressBlock.of(address));
      forget(perListener, name);
      count.decrementAndGet();
      return Optional.of(Replies.TOO_MANY_CONNECTIONS);
    }
    open.add(handler);
    return Optional.empty();
  }

  void left(
      InetAddress address, boolean trusted, SmtpServerHandler handler, ListenerOptions listener) {
    open.remove(handler);
    count.decrementAndGet();
    forget(perListener, listener.listening().name());
    if (!trusted) {
      forget(perAddress, AddressBlock.of(address));
    }
  }

  private static <K> void forget(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (k, n) -> n > 1 ? n - 1 : null);
  }

  /**
   * Lets nobody in any more; who is in goes as soon as no mail is in work.
   *
   * @param max how long to wait for that; who is still there then goes as well, except while its
   *     mail is being committed
   * @return whether all have gone
   */
  boolean drain(Duration max) throws InterruptedException {
    draining = true;
    open.forEach(SmtpServerHandler::drain);
    if (await(max)) {
      return true;
    }
    open.forEach(SmtpServerHandler::stop);
    return await(LAST_WAIT);
  }

  private boolean await(Duration max) throws InterruptedException {
    long deadline = System.nanoTime() + max.toNanos();
    while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(POLL);
    }
    return open.isEmpty();
  }

  boolean isDraining() {
    return draining;
  }

  /** Strangers that are turned away, though there is room. */
  PenaltyBox penaltyBox() {
    return penaltyBox;
  }

  int count() {
    return count.get();
  }
}
