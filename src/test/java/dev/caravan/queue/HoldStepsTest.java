package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a mail waits whose time has not come, and for how long in all. */
final class HoldStepsTest {
  private static final Instant UNTIL = Instant.parse("2026-03-08T10:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "PT168H, 1d",
    "PT24H, 1d",
    "PT23H59M59S, 6h",
    "PT1H, 1h",
    "PT59M, 10m",
    "PT2M, 1m",
    "PT59S, 10s",
    "PT9S, 1s",
    "PT0.001S, 1s",
    "PT0S, ''",
    "PT-1H, ''",
  })
  void theLongestStepThatIsNotTooLong(Duration left, String step) {
    assertThat(HoldSteps.next(held(), UNTIL.minus(left)).map(HoldSteps.Step::name).orElse(""))
        .isEqualTo(step);
  }

  @ParameterizedTest
  @CsvSource({"PT168H", "PT167H59M59.999S", "PT1H1M1.5S", "PT3S", "PT0.2S"})
  void itLeavesNeverEarlyAndHardlyLate(Duration left) {
    Instant now = UNTIL.minus(left);
    int moves = 0;
    for (Optional<HoldSteps.Step> step = HoldSteps.next(held(), now);
        step.isPresent();
        step = HoldSteps.next(held(), now)) {
      now = now.plus(step.get().delay());
      moves++;
    }
    assertThat(now).isBetween(UNTIL, UNTIL.plusMillis(999));
    assertThat(moves).isLessThan(50);
  }

  @Test
  void itsAgeIsCountedFromItsRelease() {
    Ladder ladder = new Ladder("1m", "5d", "4h");
    assertThat(ladder.expiresAt(held())).isEqualTo(UNTIL.plus(Duration.ofDays(5)));
    assertThat(ladder.warnDue(held(), UNTIL.plus(Duration.ofHours(3)))).isFalse();
    assertThat(ladder.warnDue(held(), UNTIL.plus(Duration.ofHours(4)))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"-9,0", "-8,0", "-2,3", "-1,3", "0,4", "1,5", "4,7", "9,9"})
  void aPriorityAsThatOfAMessage(int mail, int message) {
    assertThat(Priorities.ofMessage(mail)).isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})
  void thePriorityOfAMessageComesBack(int message) {
    assertThat(Priorities.ofMessage(Priorities.ofMail(message))).isEqualTo(message);
  }

  private static QueuedMail held() {
    QueuedMail mail = QueuedMails.mail("a@sender.example", List.of("b@dest.example"), "");
    return new QueuedMail(
        mail.id(),
        mail.envelope().withOptions(mail.envelope().options().withHoldUntil(UNTIL)),
        mail.content(),
        mail.site(),
        0,
        mail.queuedAt(),
        "",
        mail.source(),
        false);
  }
}
