package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LadderTest {
  private static final Ladder LADDER = new Ladder("1m, 5m,5m,1h", "5d", "4h");
  private static final QueuedMail MAIL =
      QueuedMails.mail("a@sender.example", List.of("b@dest.example"), "\r\n");

  @ParameterizedTest
  @CsvSource({"1,1m", "2,5m", "3,5m", "4,1h", "5,1h", "1000000,1h"})
  void eachAttemptHasItsRungAndTheLastStepRepeats(int attempts, String rung) {
    assertThat(LADDER.rungFor(attempts).name()).isEqualTo(rung);
    assertThat(LADDER.rungFor(attempts).queue()).isEqualTo("mail.retry." + rung);
  }

  @Test
  void aDelayThatIsWrittenTwiceIsOneQueue() {
    assertThat(LADDER.rungs())
        .extracting(Ladder.Rung::delay)
        .containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofHours(1));
  }

  @Test
  void aMailExpiresByTheTimeOfItsAcceptance() {
    var last = QueuedMails.QUEUED_AT.plus(Duration.ofDays(5));
    assertThat(LADDER.expired(MAIL, last.minusMillis(1))).isFalse();
    assertThat(LADDER.expired(MAIL, last)).isTrue();
  }

  @Test
  void aWarningIsDueOnceAndNotAtAllWhenItIsOff() {
    var due = QueuedMails.QUEUED_AT.plus(Duration.ofHours(4));
    assertThat(LADDER.warnDue(MAIL, due.minusMillis(1))).isFalse();
    assertThat(LADDER.warnDue(MAIL, due)).isTrue();
    assertThat(LADDER.warnDue(MAIL.withWarned(), due)).isFalse();
    assertThat(new Ladder("1m", "5d", "0s").warnDue(MAIL, due)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1m,,5m", "soon", "1m,", "-1m"})
  void whatIsNoScheduleIsSaid(String schedule) {
    assertThatThrownBy(() -> new Ladder(schedule, "5d", "4h"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
