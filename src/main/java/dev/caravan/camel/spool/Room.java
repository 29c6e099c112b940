package dev.caravan.camel.spool;

import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueueNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/**
 * Room for mail that waited. What is due comes all at once, and fresh mail would stand behind it:
 * while there is enough in {@code mail.out}, or in the lane of its site, one batch goes there in
 * each second only. A lane that gets on slower than that is no reason to keep others waiting: its
 * mail goes there as it comes. Used by one worker.
 */
final class Room {
  private static final long LOOK_MILLIS = 20;
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final Duration SLOW = Duration.ofMinutes(1);
  private static final int SLOW_MAX = 1_000;

  private final SpoolComponent component;
  private final int max;

  /** Lanes that did not get on, and until when they are not waited for, in nanoseconds. */
  private final Map<String, Long> slow = new HashMap<>();

  /**
   * @param max how many mails are enough; 0 = there is always room
   */
  Room(SpoolComponent component, int max) {
    this.component = component;
    this.max = max;
  }

  /** Waits for it, a second for each queue at most. */
  void await(ClientMessage message, ClientSession session, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    if (max == 0) {
      return;
    }
    isIn(QueueNames.OUT, session, stop);
    String site = message.getStringProperty(MailCodec.SITE);
    String lane = site == null ? QueueNames.OUT : component.lanes().queueFor(site);
    if (lane.equals(QueueNames.OUT) || isSlow(lane)) {
      return;
    }
    if (!isIn(lane, session, stop)) {
      if (slow.size() >= SLOW_MAX) {
        slow.clear();
      }
      slow.put(lane, System.nanoTime() + SLOW.toNanos());
    }
  }

  private boolean isSlow(String lane) {
    Long until = slow.get(lane);
    return until != null && until - System.nanoTime() > 0;
  }

  private boolean isIn(String queue, ClientSession session, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    SimpleString name = SimpleString.of(queue);
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (session.queueQuery(name).getMessageCount() >= max) {
      if (deadline - System.nanoTime() < 0 || stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }
}
