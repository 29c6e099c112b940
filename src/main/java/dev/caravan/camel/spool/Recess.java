package dev.caravan.camel.spool;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Queues whose workers give back what only waits in their hands, and take nothing, so that an
 * operator's command reaches it. Of this node only; other nodes' workers keep theirs.
 */
final class Recess {
  private final Map<String, Integer> queues = new ConcurrentHashMap<>();

  /** Until it is closed. */
  final class Break implements AutoCloseable {
    private final String queue;

    Break(String queue) {
      this.queue = queue;
    }

    @Override
    public void close() {
      queues.computeIfPresent(queue, (q, n) -> n > 1 ? n - 1 : null);
    }
  }

  Break begin(String queue) {
    queues.merge(queue, 1, Integer::sum);
    return new Break(queue);
  }

  boolean isOn(String queue) {
    return !queues.isEmpty() && queues.containsKey(queue);
  }
}
