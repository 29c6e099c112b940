package dev.caravan.camel.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mail that waits while the clock is set. Times are seconds; the rung is one of an hour. */
final class DueTimesTest {
  private static final long HOUR = 3600;
  private static final long SENT = 1_800_000_000;

  private long wall = SENT;
  private long passed;
  private final DueTimes times =
      new DueTimes(() -> wall * 1000, () -> TimeUnit.SECONDS.toNanos(passed));

  private long left(long sent) {
    return times.left((sent + HOUR) * 1000, sent * 1000) / 1000;
  }

  private void pass(long seconds) {
    wall += seconds;
    passed += seconds;
  }

  /** Columns: when the clock is set after the mail was sent, by how much, what is left then. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 3600",
    "1800, 0, 1800",
    "3600, 0, 0",
    "1800, 60, 1740",
    "1800, 1800, 0",
    "1800, 86400, -84600",
    "1800, -60, 1860",
    "1800, -1800, 3600",
    "1800, -1860, 3660",
    "1800, -1861, 3600",
    "1800, -86400, 3600",
    "3599, -864000, 3600",
  })
  void whatIsLeft(long after, long jump, long left) {
    pass(after);
    wall += jump;
    assertThat(left(SENT)).isEqualTo(left);
  }

  /** By any jump back, it waits at most once more, and a minute. */
  @ParameterizedTest
  @CsvSource({"-1", "-59", "-600", "-1801", "-3599", "-3661", "-7200", "-31536000"})
  void itWaitsAtMostOnceMore(long jump) {
    pass(1800);
    wall += jump;
    while (left(SENT) > 0) {
      pass(1);
    }
    assertThat(passed).isBetween(HOUR, 1800 + 2 * HOUR + 60);
  }

  /** Those behind the first have waited with it. */
  @Test
  void allThatWereSentBeforeWaitTogether() {
    long first = SENT;
    pass(60);
    long second = wall;
    pass(60);
    wall -= 86_400;
    long later = wall;
    assertThat(left(first)).isEqualTo(HOUR);
    pass(HOUR);
    assertThat(left(first)).isZero();
    assertThat(left(second)).isZero();
    assertThat(left(later)).isZero();
    long now = wall;
    assertThat(left(now)).isEqualTo(HOUR);
  }

  @Test
  void whatDoesNotTellWhenItWasSentIsDueByTheClock() {
    assertThat(times.left((SENT + HOUR) * 1000, 0) / 1000).isEqualTo(HOUR);
  }
}
