package dev.caravan.camel.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for delivery to keep up, and who does not. */
@Timeout(60)
final class InFlowTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** At their limit, although they wait for the disk as well. */
  private static final double BUSY = 0.8;

  @Test
  void aHundredMayBeAheadAndTheNextWaitsForADelivery() throws Exception {
    InFlow flow = new InFlow(LONG, () -> BUSY);
    for (int i = 0; i < 100; i++) {
      flow.arrive(1);
    }
    CountDownLatch in = new CountDownLatch(1);
    waits(flow, in);
    assertThat(in.getCount()).isOne();
    flow.settled();
    in.await();
  }

  @Test
  void aSlowSiteLetsNobodyWait() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    InFlow flow =
        new InFlow(
            LONG,
            () -> {
              asked.incrementAndGet();
              return 0.5;
            });
    for (int i = 0; i < 1_000; i++) {
      flow.arrive(1);
    }
    assertThat(asked.get()).isPositive();
  }

  @Test
  void itIsAMomentAtMostAndCanBeSwitchedOff() throws Exception {
    InFlow briefly = new InFlow(Duration.ofMillis(1), () -> 1.0);
    InFlow never = new InFlow(Duration.ZERO, () -> 1.0);
    for (int i = 0; i < 200; i++) {
      briefly.arrive(1);
      never.arrive(1);
    }
    // What is more than there can ever be room for counts as all of it.
    briefly.arrive(1_000);
  }

  @Test
  void deliveriesOfOldMailMakeNoMoreRoomThanThereIs() throws Exception {
    InFlow flow = new InFlow(LONG, () -> 1.0);
    for (int i = 0; i < 1_000; i++) {
      flow.settled();
    }
    for (int i = 0; i < 100; i++) {
      flow.arrive(1);
    }
    CountDownLatch in = new CountDownLatch(1);
    Thread next = waits(flow, in);
    assertThat(in.await(0, TimeUnit.SECONDS)).isFalse();
    next.interrupt();
    next.join();
  }

  /** One that comes in, and does not before there is room. */
  private static Thread waits(InFlow flow, CountDownLatch in) {
    Thread next = Thread.ofVirtual().start(() -> arrive(flow, in));
    while (next.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return next;
  }

  private static void arrive(InFlow flow, CountDownLatch in) {
    try {
      flow.arrive(1);
      in.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
