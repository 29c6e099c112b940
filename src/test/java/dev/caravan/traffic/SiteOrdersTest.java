package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SiteOrdersTest {
  private static final int ALL = Integer.MAX_VALUE;
  private static final Instant START = Instant.parse("2030-01-31T12:00:00Z");

  @TempDir private Path data;

  private final AtomicLong now = new AtomicLong();

  /** As after a restart: it knows only what is in the file. */
  private Traffic traffic() {
    return new Traffic(
        20,
        "100/s",
        Duration.ofMinutes(1),
        new SiteOrders(file().toString()),
        now::get,
        () -> START.plusNanos(now.get()));
  }

  private Path file() {
    return data.resolve("sites.json");
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void aSuspensionForATimeOutlivesARestartAndEnds() {
    traffic().suspend("Example.com", Duration.ofHours(1), "too many complaints");
    pass(Duration.ofMinutes(59));
    Traffic traffic = traffic();
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isEqualTo(
            new Entry.Later(
                "suspended by the operator until 2030-01-31T13:00:00Z: too many complaints",
                "delivery to this site is suspended",
                Duration.ofMinutes(1).toNanos(),
                "example.com"));
    assertThat(traffic.report("example.com"))
        .satisfies(
            report -> {
              assertThat(report.state()).isEqualTo("suspended");
              assertThat(report.why())
                  .contains("too many complaints")
                  .endsWith("next attempt in 60 s");
            });
    pass(Duration.ofMinutes(1));
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
    assertThat(traffic.orders()).isEmpty();
    assertThat(traffic().tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
  }

  @Test
  void aSuspensionForEverEndsWhenItIsResumed() {
    traffic().suspend("example.com", "moving");
    pass(Duration.ofDays(400));
    Traffic traffic = traffic();
    assertThat(traffic.tryEnter(Ask.of("EXAMPLE.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Later.class);
    assertThat(traffic.report().getFirst().why())
        .isEqualTo(
            "suspended by the operator until it is resumed: moving; next attempt when it is"
                + " resumed");
    assertThat(traffic.report().getFirst().againNanos()).isEqualTo(Long.MAX_VALUE);
    traffic.resume("example.com");
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
    assertThat(traffic().orders()).isEmpty();
  }

  @Test
  void limitsHoldAtOnceAndAfterARestartUntilTheyAreCleared() {
    Traffic traffic = traffic();
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
    traffic.limit("example.com", OptionalInt.of(1), Optional.of(List.of()));
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOfSatisfying(
            Entry.Later.class, later -> assertThat(later.why()).contains("all 1 connections"));
    assertThat(traffic.report("example.com").why())
        .contains("throttled by its concurrency: all 1 connections are in use, 1 at most");
    assertThat(traffic().report("example.com"))
        .satisfies(
            report -> {
              assertThat(report.concurrencyMax()).isEqualTo(1);
              assertThat(report.rates()).isEmpty();
            });
    traffic.clear("example.com");
    assertThat(traffic.report("example.com").concurrencyMax()).isEqualTo(20);
    assertThat(traffic().report("example.com").rates()).containsExactly("100/s");
  }

  /** It takes the limits of a rule's place, not those that are not ordered. */
  @Test
  void oneLimitLeavesTheOtherAsItIs() {
    Traffic traffic = traffic();
    traffic.limit("example.com", OptionalInt.empty(), Optional.of(Rate.parse("10/min,100/h")));
    assertThat(traffic.report("example.com").concurrencyMax()).isEqualTo(20);
    assertThat(traffic().report("example.com").rates()).containsExactly("10/min", "100/h");
  }

  @Test
  void theRateThatThrottlesIsNamed() {
    Traffic traffic = traffic();
    traffic.limit("example.com", OptionalInt.empty(), Optional.of(Rate.parse("100/s,1/min")));
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isEqualTo(
            new Entry.Later(
                "the rate 1/min",
                "the rate 1/min",
                Duration.ofMinutes(1).toNanos(),
                "example.com"));
    assertThat(traffic.report("example.com"))
        .satisfies(
            report -> {
              assertThat(report.state()).isEqualTo("throttled");
              assertThat(report.why())
                  .isEqualTo("throttled by the rate 1/min; next attempt in 60 s");
            });
  }

  @Test
  void whatCantBeKeptDoesNotHold() throws Exception {
    Traffic traffic = traffic();
    Files.createDirectory(data.resolve("sites.json.new"));
    assertThatThrownBy(() -> traffic.suspend("example.com", "why"))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{\"a\": {\"suspended\": true, \"until\": \"tomorrow\"}}",
        "{\"a\": {\"rate\": \"many\"}}",
        "{\"a\": {\"concurrency\": 0}}"
      })
  void aFileThatIsNoneIsRefusedByName(String text) throws Exception {
    Files.writeString(file(), text);
    assertThatThrownBy(this::traffic)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sites.json");
  }
}
