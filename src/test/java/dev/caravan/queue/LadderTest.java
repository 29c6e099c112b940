package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
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
    Ladder.Rung found =
        LADDER.rungFor(QueuedMails.tried(MAIL, attempts, ""), QueuedMails.QUEUED_AT);
    assertThat(found.name()).isEqualTo(rung);
    assertThat(found.queue()).isEqualTo("mail.retry." + rung);
  }

  /** What was said of us, and not of the mail, is tried again as soon as there is a step for it. */
  @Test
  void aMailThatIsToGoSoonTakesTheShortestStep() {
    QueuedMail tried = MAIL;
    for (int i = 0; i < 9; i++) {
      tried = tried.afterAttempt(tried.envelope(), "450 4.7.1 Not from there");
    }
    assertThat(LADDER.rungFor(tried, QueuedMails.QUEUED_AT).name()).isEqualTo("1h");
    assertThat(LADDER.rungFor(tried.withSoon(), QueuedMails.QUEUED_AT).name()).isEqualTo("1m");
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

  /** Columns: expiry, what is left of it, the rung; the step is always 1h. */
  @ParameterizedTest
  @CsvSource({
    "5d, 0s, 1h",
    "5d, 1m, 1h",
    "1d, 46m, 1h",
    "1d, 45m, 15m",
    "1d, 1s, 5m",
    "10h, 1s, 5m",
    "5h, 13m, 15m",
    "5h, 11m, 5m",
    "5h, 3m, 5m",
    "5h, 1m, 1m",
    "1h, 1s, 15s",
  })
  void theLastAttemptIsNearTheExpiry(String expiry, String left, String rung) {
    Ladder ladder = new Ladder("1m,5m,1h", expiry, "0s");
    assertThat(
            ladder
                .rungFor(
                    QueuedMails.tried(MAIL, 9, ""),
                    ladder.expiresAt(MAIL).minus(Durations.parse(left)))
                .name())
        .isEqualTo(rung);
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
  @ValueSource(strings = {"", "1m,,5m", "soon", "1m,", "-1m", "0s"})
  void whatIsNoScheduleIsSaid(String schedule) {
    assertThatThrownBy(() -> new Ladder(schedule, "5d", "4h"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RetryRule().setSchedule(schedule))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Columns: sender, recipients, the first rung, the expiry, when a warning is due. */
  @ParameterizedTest
  @CsvSource({
    "'',               b@dest.example,                     1m, 1d, 4h",
    "'',               b@sub.partner.example,              1m, 1d, 4h",
    "a@sender.example, b@partner.example,                  7m, 9d, 4h",
    "a@sender.example, b@Sub.Partner.Example,              7m, 9d, 4h",
    "a@sender.example, b@partner.example c@dest.example,   1m, 5d, 4h",
    "a@sender.example, b@notpartner.example,               1m, 5d, 4h",
    "a@bulk.example,   b@dest.example,                     1m, 5d, 0s",
    "a@bulk.example,   b@partner.example,                  7m, 9d, 4h",
    "a@sub.bulk.example, b@dest.example,                   1m, 5d, 4h",
    "a@sender.example, b@dest.example,                     1m, 5d, 4h",
  })
  void theFirstRuleThatIsForAMailCounts(
      String sender, String recipients, String rung, String expiry, String warning) {
    Ladder ladder = ladderWithRules();
    QueuedMail mail = QueuedMails.mail(sender, List.of(recipients.split(" ")), "\r\n");

    assertThat(ladder.rungFor(QueuedMails.tried(mail, 1, ""), QueuedMails.QUEUED_AT).name())
        .isEqualTo(rung);
    assertThat(Duration.between(QueuedMails.QUEUED_AT, ladder.expiresAt(mail)))
        .isEqualTo(Durations.parse(expiry));
    boolean warned = ladder.warnDue(mail, QueuedMails.QUEUED_AT.plus(Duration.ofHours(4)));
    assertThat(warned).isEqualTo(warning.equals("4h"));
  }

  @Test
  void aRuleIsForASite() {
    RetryRule rule = new RetryRule();
    rule.setSites("*.dest.example:25");
    assertThat(rule.isFor(MAIL)).isTrue();
    rule.setSites("dest.example, other.example");
    assertThat(rule.isFor(MAIL)).isFalse();
    rule.setSites("*");
    assertThat(rule.isFor(MAIL)).isTrue();
    rule.setSenderDomains("elsewhere.example");
    assertThat(rule.isFor(MAIL)).isFalse();
    assertThatThrownBy(() -> rule.setSites(" ,")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theRungsOfAllRulesAreThere() {
    assertThat(ladderWithRules().rungs())
        .extracting(Ladder.Rung::name)
        .containsExactly("1m", "5m", "1h", "15m", "7m", "2h");
  }

  @Test
  void thereAreNotTooManyRungs() {
    Ladder ladder = new Ladder("1m", "5d", "4h");
    for (int rule = 0; rule < 4; rule++) {
      RetryRule one = new RetryRule();
      int first = 1 + rule * 50;
      one.setSchedule(
          String.join(",", IntStream.range(first, first + 50).mapToObj(i -> i + "s").toList()));
      ladder.getRules().add(one);
    }
    assertThatThrownBy(ladder::rungs).hasMessageContaining("201 different steps");
  }

  private static Ladder ladderWithRules() {
    Ladder ladder = new Ladder("1m,5m,1h", "5d", "4h");
    RetryRule bounces = new RetryRule();
    bounces.setBounces(true);
    bounces.setExpiry("1d");
    RetryRule partner = new RetryRule();
    partner.setRecipientDomains("partner.example, *.partner.example");
    partner.setSchedule("7m,1h,2h");
    partner.setExpiry("9d");
    RetryRule bulk = new RetryRule();
    bulk.setSenderDomains("bulk.example");
    bulk.setWarnAfter("0s");
    ladder.setRules(List.of(bounces, partner, bulk));
    return ladder;
  }
}
