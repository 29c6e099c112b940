package dev.caravan.netty;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Who is connected now, and who may still come. */
final class Connections {
  private final int max;
  private final int perAddressMax;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();
  private final Set<SmtpServerHandler> open = ConcurrentHashMap.newKeySet();

  Connections(int max, int perAddressMax) {
    this.max = max;
    this.perAddressMax = perAddressMax;
  }

  /** Whether one more may come from there; whoever gets a yes calls {@link #left} once. */
  boolean admits(InetAddress address, boolean trusted, SmtpServerHandler handler) {
    if (count.incrementAndGet() > max) {
      count.decrementAndGet();
      return false;
    }
    if (!trusted) {
      int here = perAddress.merge(address, 1, Integer::sum);
      if (here > perAddressMax) {
        forget(address);
        count.decrementAndGet();
        return false;
      }
    }
    open.add(handler);
    return true;
  }

  void left(InetAddress address, boolean trusted, SmtpServerHandler handler) {
    open.remove(handler);
    count.decrementAndGet();
    if (!trusted) {
      forget(address);
    }
  }

  private void forget(InetAddress address) {
    perAddress.computeIfPresent(address, (a, n) -> n > 1 ? n - 1 : null);
  }

  Set<SmtpServerHandler> open() {
    return open;
  }

  static InetAddress addressOf(Channel channel) {
    return ((java.net.InetSocketAddress) channel.remoteAddress()).getAddress();
  }
}
