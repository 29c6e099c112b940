package dev.caravan.camel.spool;

import dev.caravan.camel.broker.QueueUse;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueueNames;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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
  private static final int WORTH = 4;

  private final SpoolComponent component;
  private final int max;
  private final int batch;
  private final SlowLanes slow;

  /**
   * @param max how many mails are enough; 0 = there is always room
   * @param batch mails that go in each second all the same
   */
  Room(SpoolComponent component, int max, int batch) {
    this.component = component;
    this.max = max;
    this.batch = batch;
    this.slow = new SlowLanes(batch);
  }

  int batch() {
    return batch;
  }

  /** Waits for room where this mail goes, a second for each queue at most. */
  void await(ClientMessage message, ClientSession session, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    if (max == 0) {
      return;
    }
    awaitAny(Set.of(QueueNames.OUT), session, stop);
    String site = message.getStringProperty(MailCodec.SITE);
    String lane = site == null ? QueueNames.OUT : component.lanes().queueFor(site);
    if (!lane.equals(QueueNames.OUT)) {
      awaitAny(Set.of(lane), session, stop);
    }
  }

  /**
   * How many may go to this queue now, one batch in each second aside; 0 = none. Less than a
   * quarter of all is not worth a look at what is due.
   */
  int free(String queue, ClientSession session) throws ActiveMQException {
    if (max == 0 || slow.isSlow(queue, System.nanoTime(), component.broker()::use)) {
      return Integer.MAX_VALUE;
    }
    long free = max - count(queue, session);
    return free * WORTH < max ? 0 : (int) free;
  }

  /**
   * Waits until there is room in one of these queues, a second at most. Lanes that did not get on
   * meanwhile are not waited for again for a while.
   */
  void awaitAny(Collection<String> queues, ClientSession session, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    Map<String, QueueUse> before = new HashMap<>();
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (true) {
      for (String queue : queues) {
        if (free(queue, session) > 0) {
          return;
        }
        if (!before.containsKey(queue)) {
          before.put(queue, component.broker().use(queue));
        }
      }
      if (deadline - System.nanoTime() < 0 || stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    for (Map.Entry<String, QueueUse> queue : before.entrySet()) {
      if (!queue.getKey().equals(QueueNames.OUT)) {
        slow.judge(
            queue.getKey(),
            queue.getValue(),
            component.broker().use(queue.getKey()),
            System.nanoTime());
      }
    }
  }

  private static long count(String queue, ClientSession session) throws ActiveMQException {
    return session.queueQuery(SimpleString.of(queue)).getMessageCount();
  }
}
