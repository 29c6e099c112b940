package dev.caravan.camel.spool;

import dev.caravan.camel.broker.QueueUse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.api.core.ActiveMQException;

/**
 * Lanes that get on more slowly than what waits for them is worth waiting for: a site that is down
 * keeps nobody else's mail on its rung. Whether one still does is looked at again all the time,
 * lest a bad second of a good lane let a million mails in before fresh mail. Used by one worker.
 */
final class SlowLanes {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration SLOW = Duration.ofMinutes(1);
  private static final int LANES_MAX = 1_000;

  /** A lane's use when it was looked at last. */
  private record Seen(long at, QueueUse use, long slowSince) {}

  private final int least;
  private final Map<String, Seen> slow = new HashMap<>();

  /** Lanes that did not get on when they were waited for last. */
  private final Set<String> doubtful = new HashSet<>();

  /**
   * @param least mails in a second that a lane is waited for
   */
  SlowLanes(int least) {
    this.least = least;
  }

  /** Where the use of a queue is to be had. */
  interface Uses {
    QueueUse of(String queue) throws ActiveMQException;
  }

  /**
   * Somebody has waited for room in this lane. One second may be bad luck; two in a row are not.
   *
   * @param now in nanoseconds, of a clock that goes forward only
   */
  void judge(String lane, QueueUse before, QueueUse after, long now) {
    if (left(before, after) >= least) {
      doubtful.remove(lane);
    } else if (!doubtful.add(lane)) {
      doubtful.remove(lane);
      if (slow.size() >= LANES_MAX) {
        slow.clear();
      }
      slow.put(lane, new Seen(now, after, now));
    } else if (doubtful.size() > LANES_MAX) {
      doubtful.clear();
    }
  }

  /** Whether it is no use to wait for room in this lane. */
  boolean isSlow(String lane, long now, Uses uses) throws ActiveMQException {
    Seen seen = slow.get(lane);
    if (seen == null) {
      return false;
    }
    long passed = now - seen.at();
    if (passed < LOOK.toNanos()) {
      return true;
    }
    QueueUse use = uses.of(lane);
    boolean getsOn = left(seen.use(), use) >= least * (passed / (double) LOOK.toNanos());
    if (getsOn || now - seen.slowSince() >= SLOW.toNanos()) {
      slow.remove(lane);
      return false;
    }
    slow.put(lane, new Seen(now, use, seen.slowSince()));
    return true;
  }

  /** What has left a queue meanwhile; where the broker does not tell, by how much it is shorter. */
  private static long left(QueueUse before, QueueUse after) {
    return after.taken() < 0 || before.taken() < 0
        ? before.messages() - after.messages()
        : after.taken() - before.taken();
  }
}
