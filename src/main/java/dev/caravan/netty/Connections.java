package dev.caravan.netty;

import dev.caravan.mail.AddressBlock;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Replies;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Who is connected now, and who may still come. */
final class Connections {
  private final int max;
  private final int perAddressMax;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();
  private final Map<String, Integer> perListener = new ConcurrentHashMap<>();
  private final Set<SmtpServerHandler> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  Connections(int max, int perAddressMax) {
    this.max = max;
    this.perAddressMax = perAddressMax;
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

  /** Lets nobody in any more, and tells those who are. */
  void drain() {
    draining = true;
    open.forEach(SmtpServerHandler::drain);
  }

  boolean isDraining() {
    return draining;
  }

  int count() {
    return count.get();
  }

  Set<SmtpServerHandler> open() {
    return open;
  }
}
