package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.bounce.BounceWriter;
import dev.caravan.delivery.Attempt;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.Durations;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.QueuedMail;
import dev.caravan.queue.QueuedMails;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole lives of mails against a clock that is turned: when they are tried, and how they end. */
final class RetryScheduleTest {
  private static final EmailAddress RECIPIENT = EmailAddress.parse("b@dest.example");
  private static final List<String> DELAYS =
      List.of("1s", "7s", "30s", "1m", "5m", "15m", "1h", "90m", "4h", "1d", "3d");

  private Instant now = QueuedMails.QUEUED_AT;

  /**
   * What was told.
   *
   * @param times of the attempts
   */
  private record Life(List<MailEvent> events, List<Duration> times, int warnings, int failures) {
    MailEvent.Type end() {
      return events.getLast().type();
    }
  }

  /**
   * @param until from this attempt on it is delivered
   * @param drift by which each wait may be longer than its rung
   */
  private Life live(Ladder ladder, int until, RandomGenerator random, Duration drift) {
    now = QueuedMails.QUEUED_AT;
    Outcomes outcomes =
        new Outcomes(
            ladder, new BounceWriter("relay.example", () -> now, new Random(1)), () -> now);
    QueuedMail mail =
        QueuedMails.mail("a@sender.example", List.of(RECIPIENT.toString()), "Subject: x\r\n\r\n");
    List<MailEvent> events = new ArrayList<>();
    List<Duration> times = new ArrayList<>();
    int warnings = 0;
    int failures = 0;
    while (true) {
      times.add(Duration.between(QueuedMails.QUEUED_AT, now));
      assertThat(times).as("attempts").hasSizeLessThan(100_000);
      Outcome outcome =
          times.size() >= until
              ? new Outcome.Delivered(RECIPIENT, SmtpReply.of(250, "2.0.0", "Ok"))
              : new Outcome.Deferred(RECIPIENT, SmtpReply.of(450, "4.2.1", "Not now"), false);
      Settlement s =
          outcomes.settle(
              new Attempt(mail, List.of(outcome), "mx[192.0.2.1]:25", "", Duration.ZERO));
      events.addAll(s.events());
      if (s.retry().isEmpty()) {
        failures += s.reports().size();
        return new Life(events, times, warnings, failures);
      }
      warnings += s.reports().size();
      mail = s.retry().getFirst();
      Ladder.Rung rung = ladder.rungFor(mail, now);
      assertThat(ladder.rungs()).as("a rung that nobody serves").contains(rung);
      now = now.plus(rung.delay());
      if (!drift.isZero()) {
        now = now.plusMillis(random.nextLong(drift.toMillis()));
      }
    }
  }

  /** Columns: schedule, expiry, the times of all attempts of a mail that is never taken. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1m,5m,15m,1h | 2h   | 0s 1m 6m 21m 81m 96m 111m 116m 121m",
        "1m           | 3m   | 0s 1m 2m 3m",
        "1m           | 150s | 0s 1m 2m 135s 150s",
        "10s,1m       | 1m   | 0s 10s 25s 40s 55s 57s 59s 1m",
        "1h           | 1h   | 0s 1h",
        "1d           | 36h  | 0s 1d 30h 36h",
        "1m,1d        | 36h  | 0s 1m 1441m 1801m 2161m",
        "4h           | 1s   | 0s 1s",
        "1s           | 5s   | 0s 1s 2s 3s 4s 5s",
      })
  void theTimesOfTheAttempts(String schedule, String expiry, String times) {
    Life life =
        live(new Ladder(schedule, expiry, "0s"), Integer.MAX_VALUE, new Random(1), Duration.ZERO);
    assertThat(life.times().stream().map(Durations::text).toList())
        .containsExactly(times.split(" "));
    assertThat(life.end()).isEqualTo(MailEvent.Type.EXPIRED);
  }

  /** Random schedules, but none with thousands of attempts. */
  @Test
  void everyLifeEndsInTime() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      List<String> steps =
          random.ints(1 + random.nextInt(6), 0, DELAYS.size()).mapToObj(DELAYS::get).toList();
      String expiry = DELAYS.get(2 + random.nextInt(DELAYS.size() - 2));
      if (Durations.parse(steps.getLast()).multipliedBy(1000).compareTo(Durations.parse(expiry))
          < 0) {
        continue;
      }
      String warnAfter = random.nextBoolean() ? "0s" : DELAYS.get(random.nextInt(DELAYS.size()));
      Ladder ladder = new Ladder(String.join(",", steps), expiry, warnAfter);
      int until = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(20);
      Duration drift = Duration.ofMillis(random.nextInt(3) * 500L);
      String what = seed + ": " + steps + " " + expiry + " " + warnAfter + " " + until;

      Life life = live(ladder, until, random, drift);

      Duration promised = Durations.parse(expiry);
      int attempts = life.times().size();
      Duration last = life.times().getLast();
      boolean delivered = attempts == until;
      assertThat(life.end())
          .as(what)
          .isEqualTo(delivered ? MailEvent.Type.DELIVERED : MailEvent.Type.EXPIRED);
      assertThat(life.events()).as(what).hasSize(attempts);
      assertThat(life.events().subList(0, attempts - 1))
          .as(what)
          .allMatch(e -> e.type() == MailEvent.Type.DEFERRED);
      assertThat(life.failures()).as(what).isEqualTo(delivered ? 0 : 1);
      assertThat(life.warnings()).as(what).isLessThanOrEqualTo(1);
      Duration late = promised.dividedBy(100).plus(drift).plusSeconds(1);
      assertThat(last).as(what).isLessThanOrEqualTo(promised.plus(late));
      if (!delivered) {
        assertThat(last).as(what).isGreaterThanOrEqualTo(promised);
      }
      onSchedule(what, ladder, steps, life, promised, drift);
    }
  }

  /** As long as a whole step fits into the time that is left, it is what a mail waits. */
  private static void onSchedule(
      String what,
      Ladder ladder,
      List<String> steps,
      Life life,
      Duration promised,
      Duration drift) {
    int added = 0;
    for (int i = 1; i < life.times().size(); i++) {
      Duration step = Durations.parse(steps.get(Math.min(i, steps.size()) - 1));
      Duration before = life.times().get(i - 1);
      Duration waited = life.times().get(i).minus(before);
      if (before.plus(step).compareTo(promised) <= 0) {
        assertThat(waited).as(what).isBetween(step, step.plus(drift));
      } else {
        added++;
      }
    }
    assertThat(added).as(what + " " + ladder.rungs()).isLessThan(25);
  }
}
