package dev.caravan.camel.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.QueueUse;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.junit.jupiter.api.Test;

/** When a lane is no longer waited for, and when it is again. */
final class SlowLanesTest {
  private static final String LANE = "mail.out.site.example";
  private static final long START = -TimeUnit.SECONDS.toNanos(5);

  private final SlowLanes lanes = new SlowLanes(50);
  private long now = START;
  private long taken;

  private QueueUse use(String queue) {
    assertThat(queue).isEqualTo(LANE);
    return new QueueUse(1_000, 1, taken);
  }

  /** Somebody waits a second while so many leave the lane. */
  private void waited(int left) {
    QueueUse before = use(LANE);
    taken += left;
    now += TimeUnit.SECONDS.toNanos(1);
    lanes.judge(LANE, before, use(LANE), now);
  }

  private boolean isSlow() throws ActiveMQException {
    return lanes.isSlow(LANE, now, this::use);
  }

  /** So many leave it meanwhile. */
  private boolean isSlowAfter(long millis, int left) throws ActiveMQException {
    taken += left;
    now += TimeUnit.MILLISECONDS.toNanos(millis);
    return isSlow();
  }

  @Test
  void oneThatGetsOnIsWaitedFor() throws Exception {
    for (int i = 0; i < 10; i++) {
      waited(50);
      assertThat(isSlow()).isFalse();
    }
  }

  @Test
  void twoBadSecondsInARowAreTooMany() throws Exception {
    waited(49);
    assertThat(isSlow()).isFalse();
    waited(50);
    waited(0);
    assertThat(isSlow()).isFalse();
    waited(0);
    assertThat(isSlow()).isTrue();
  }

  @Test
  void oneThatIsDownIsNotWaitedForUntilAMinuteIsOver() throws Exception {
    waited(0);
    waited(0);
    for (int second = 1; second < 60; second++) {
      assertThat(isSlowAfter(1_000, 49)).isTrue();
    }
    assertThat(isSlowAfter(1_000, 0)).isFalse();
  }

  @Test
  void oneThatGetsOnAgainIsWaitedForAtOnce() throws Exception {
    waited(0);
    waited(0);
    assertThat(isSlowAfter(999, 5_000)).isTrue();
    assertThat(isSlowAfter(1, 0)).isFalse();
    assertThat(isSlowAfter(10_000, 0)).isFalse();
  }

  @Test
  void howFastItIsCountsAlsoWhenItIsLookedAtLate() throws Exception {
    waited(0);
    waited(0);
    assertThat(isSlowAfter(10_000, 499)).isTrue();
    assertThat(isSlowAfter(10_000, 500)).isFalse();
  }

  /** Another broker's queue: it is shorter, or not. */
  @Test
  void withoutACountItsLengthTells() throws Exception {
    QueueUse full = new QueueUse(1_000, 1, -1);
    lanes.judge(LANE, full, full, now);
    lanes.judge(LANE, full, full, now);
    now += TimeUnit.SECONDS.toNanos(1);
    assertThat(lanes.isSlow(LANE, now, queue -> new QueueUse(951, 1, -1))).isTrue();
    now += TimeUnit.SECONDS.toNanos(1);
    assertThat(lanes.isSlow(LANE, now, queue -> new QueueUse(900, 1, -1))).isFalse();
  }
}
