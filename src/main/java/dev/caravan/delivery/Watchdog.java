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

  boolean isIdle() {
    return watched.isEmpty();
  }

  /** Called every second or so: nobody waits longer than a second too long. */
  void look() {
    long now = System.nanoTime();
    watched.forEach(wire -> wire.endIfOverdue(now));
  }
}
