package dev.caravan.delivery;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ends connections on which somebody waits longer than allowed. */
final class Watchdog {
  private final Set<Wire> watched = ConcurrentHashMap.newKeySet();

  void watch(Wire wire) {
    watched.add(wire);
  }

  void forget(Wire wire) {
    watched.remove(wire);
  }

  /** Called every second or so. */
  void look() {
    long now = System.nanoTime();
    watched.forEach(wire -> wire.endIfOverdue(now));
  }
}
