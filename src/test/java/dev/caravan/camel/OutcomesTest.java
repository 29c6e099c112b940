package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.bounce.BounceWriter;
import dev.caravan.delivery.Attempt;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.QueuedMail;
import dev.caravan.queue.QueuedMails;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutcomesTest {
  private static final EmailAddress GOOD = EmailAddress.parse("good@dest.example");
  private static final EmailAddress LATER = EmailAddress.parse("later@dest.example");
  private static final EmailAddress NEVER = EmailAddress.parse("never@dest.example");
  private static final Instant SOON = QueuedMails.QUEUED_AT.plusSeconds(1);
  private static final Instant LATE = QueuedMails.QUEUED_AT.plus(Duration.ofHours(4));
  private static final Instant TOO_LATE = QueuedMails.QUEUED_AT.plus(Duration.ofDays(5));

  @Test
  void eachRecipientHasItsEnding() {
    Settlement s = at(SOON).settle(attempt(from("a@sender.example"), ok(), deferred(), failed()));

    assertThat(s.retry()).hasSize(1);
    QueuedMail retry = s.retry().getFirst();
    assertThat(retry.envelope().recipients()).containsExactly(LATER);
    assertThat(retry.attempts()).isEqualTo(1);
    assertThat(retry.lastReply()).isEqualTo("450 4.2.0 Not now");
    assertThat(s.reports()).hasSize(1);
    assertThat(
            new String(
                s.reports().getFirst().content().toBytes(),
                java.nio.charset.StandardCharsets.UTF_8))
        .contains("never@dest.example")
        .doesNotContain("later@dest.example", "good@dest.example");
    assertThat(s.unreportable()).isEmpty();
    assertThat(s.events())
        .extracting(MailEvent::type)
        .containsExactly(MailEvent.Type.DELIVERED, MailEvent.Type.DEFERRED, MailEvent.Type.BOUNCED);
  }

  @Test
  void aPlainDeliveryLeavesNothing() {
    Settlement s = at(SOON).settle(attempt(from("a@sender.example"), ok()));
    assertThat(s.isPlain()).isTrue();
    assertThat(s.events()).hasSize(1);
  }

  @Test
  void whatIsTooOldBounces() {
    Settlement s = at(TOO_LATE).settle(attempt(from("a@sender.example"), deferred()));
    assertThat(s.retry()).isEmpty();
    assertThat(s.reports()).hasSize(1);
    assertThat(s.events()).extracting(MailEvent::type).containsExactly(MailEvent.Type.EXPIRED);
  }

  @Test
  void aBounceThatFailsIsDead() {
    Settlement s = at(SOON).settle(attempt(from(""), deferred(), failed()));
    assertThat(s.reports()).isEmpty();
    assertThat(s.unreportable()).hasSize(1);
    assertThat(s.unreportable().getFirst().envelope().recipients()).containsExactly(NEVER);
    assertThat(s.retry()).hasSize(1);
  }

  @Test
  void aDelayIsToldOnce() {
    Settlement first = at(LATE).settle(attempt(from("a@sender.example"), deferred()));
    assertThat(first.reports()).hasSize(1);
    QueuedMail retry = first.retry().getFirst();
    assertThat(retry.warned()).isTrue();
    assertThat(at(LATE).settle(attempt(retry, deferred())).reports()).isEmpty();
  }

  @Test
  void aRecipientWithoutAnOutcomeIsNotLost() {
    QueuedMail mail =
        QueuedMails.mail(
            "a@sender.example", List.of("good@dest.example", "later@dest.example"), "\r\n");
    Settlement s = at(SOON).settle(attempt(mail, ok()));
    assertThat(s.retry().getFirst().envelope().recipients()).containsExactly(LATER);
  }

  @Test
  void anErrorOfOursDefersEverybody() {
    QueuedMail mail =
        QueuedMails.mail(
            "a@sender.example", List.of("good@dest.example", "later@dest.example"), "\r\n");
    Settlement s = at(SOON).settleError(mail);
    assertThat(s.retry().getFirst().envelope().recipients()).containsExactly(GOOD, LATER);
    assertThat(s.reports()).isEmpty();
  }

  /** Columns: sender, age, outcomes; then how many retries, reports, dead mails; the events. */
  @ParameterizedTest
  @CsvSource({
    "a@sender.example, soon, d,   0, 0, 0, delivered",
    "a@sender.example, soon, l,   1, 0, 0, deferred",
    "a@sender.example, soon, n,   0, 1, 0, bounced",
    "a@sender.example, soon, dl,  1, 0, 0, delivered deferred",
    "a@sender.example, soon, ln,  1, 1, 0, deferred bounced",
    "a@sender.example, soon, dln, 1, 1, 0, delivered deferred bounced",
    "a@sender.example, late, l,   1, 1, 0, deferred",
    "a@sender.example, late, ln,  1, 2, 0, deferred bounced",
    "a@sender.example, old,  d,   0, 0, 0, delivered",
    "a@sender.example, old,  l,   0, 1, 0, expired",
    "a@sender.example, old,  dln, 0, 1, 0, delivered bounced expired",
    "'',               soon, d,   0, 0, 0, delivered",
    "'',               soon, n,   0, 0, 1, bounced",
    "'',               late, l,   1, 0, 0, deferred",
    "'',               old,  ln,  0, 0, 1, bounced expired",
    "mailer-daemon@relay.example, soon, n, 0, 0, 1, bounced",
  })
  void whatFollows(
      String sender,
      String age,
      String outcomes,
      int retries,
      int reports,
      int dead,
      String events) {
    Instant now =
        switch (age) {
          case "soon" -> SOON;
          case "late" -> LATE;
          default -> TOO_LATE;
        };
    Outcome[] all =
        outcomes
            .chars()
            .mapToObj(c -> c == 'd' ? ok() : c == 'l' ? deferred() : failed())
            .toArray(Outcome[]::new);
    Settlement s = at(now).settle(attempt(from(sender), all));

    assertThat(s.retry()).hasSize(retries);
    assertThat(s.reports()).hasSize(reports);
    assertThat(s.unreportable()).hasSize(dead);
    assertThat(s.events().stream().map(e -> e.type().toString()).collect(Collectors.joining(" ")))
        .isEqualTo(events);
    assertThat(s.reports()).allMatch(report -> report.envelope().sender().isNull());
    // Nobody is lost, and nobody is in two places.
    assertThat(s.events().stream().flatMap(e -> e.to().stream()))
        .containsExactlyInAnyOrderElementsOf(
            List.of(all).stream().map(o -> o.recipient().toString()).toList());
  }

  /** Columns: what was asked, what happened, when; how many reports, and how many dead mails. */
  @ParameterizedTest
  @CsvSource({
    "NEVER,         n, soon, 0, 0",
    "SUCCESS,       n, soon, 0, 0",
    "FAILURE,       n, soon, 1, 0",
    "DELAY,         n, soon, 0, 0",
    "NEVER,         l, late, 0, 0",
    "FAILURE,       l, late, 0, 0",
    "DELAY,         l, late, 1, 0",
    "NEVER,         l, old,  0, 0",
    "FAILURE,       l, old,  1, 0",
    "SUCCESS,       f, soon, 1, 0",
    "SUCCESS,       r, soon, 1, 0",
    "SUCCESS,       d, soon, 0, 0",
    "FAILURE,       f, soon, 0, 0",
    "NEVER,         r, soon, 0, 0",
  })
  void onlyWhatWasAskedForIsTold(
      DsnRequest.Notify asked, String outcome, String age, int reports, int dead) {
    SmtpReply taken = SmtpReply.of(250, "2.0.0", "Ok");
    Outcome one =
        switch (outcome) {
          case "n" -> failed();
          case "l" -> deferred();
          case "d" -> ok();
          case "f" -> new Outcome.Delivered(GOOD, taken, Outcome.Reach.FINAL);
          default -> new Outcome.Delivered(GOOD, taken, Outcome.Reach.RELAYED);
        };
    Envelope envelope =
        new Envelope(
            ReversePath.parse("a@sender.example"),
            List.of(one.recipient()),
            MailOptions.NONE,
            Map.of(one.recipient(), new DsnRequest(Set.of(asked), "")));
    QueuedMail mail = from("a@sender.example").afterAttempt(envelope, "");
    Instant now = age.equals("soon") ? SOON : age.equals("late") ? LATE : TOO_LATE;
    Settlement s = at(now).settle(attempt(mail, one));
    assertThat(s.reports()).hasSize(reports);
    assertThat(s.unreportable()).hasSize(dead);
    assertThat(s.events()).hasSize(1);
  }

  @Test
  void allThatIsDeadIsKeptInOneMail() {
    Settlement s = at(TOO_LATE).settle(attempt(from(""), deferred(), failed()));
    assertThat(s.unreportable().getFirst().envelope().recipients())
        .containsExactlyInAnyOrder(LATER, NEVER);
  }

  /** It had only to wait: that is no attempt, but it grows older all the same. */
  @Test
  void whatWasNotTriedCountsAsNoAttempt() {
    Outcome waits =
        new Outcome.Deferred(GOOD, SmtpReply.of(451, "4.4.5", "It must wait for its turn"), false);
    Attempt made = attempt(from("a@sender.example"), waits);
    Attempt none = new Attempt(made.mail(), List.of(waits), "", "", Duration.ZERO);
    assertThat(at(SOON).settle(none).retry().getFirst().attempts())
        .isEqualTo(made.mail().attempts());
    assertThat(at(SOON).settle(made).retry().getFirst().attempts())
        .isEqualTo(made.mail().attempts() + 1);
    assertThat(at(TOO_LATE).settle(none).reports()).hasSize(1);
  }

  private static Outcomes at(Instant now) {
    Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    return new Outcomes(
        new Ladder("1m,5m", "5d", "4h"),
        new BounceWriter("relay.example", clock, new Random(1)),
        clock);
  }

  private static QueuedMail from(String sender) {
    return QueuedMails.mail(sender, List.of("good@dest.example"), "Subject: x\r\n\r\n");
  }

  private static Attempt attempt(QueuedMail mail, Outcome... outcomes) {
    QueuedMail whole =
        outcomes.length <= mail.envelope().recipients().size()
                && mail.envelope().recipients().size() > 1
            ? mail
            : new QueuedMail(
                mail.id(),
                mail.envelope()
                    .withRecipients(List.of(outcomes).stream().map(Outcome::recipient).toList()),
                mail.content(),
                mail.site(),
                mail.attempts(),
                mail.queuedAt(),
                mail.lastReply(),
                mail.source(),
                mail.warned());
    return new Attempt(whole, List.of(outcomes), "mx[192.0.2.1]:25", "", Duration.ofMillis(5));
  }

  private static Outcome ok() {
    return new Outcome.Delivered(GOOD, SmtpReply.of(250, "2.0.0", "Ok"));
  }

  private static Outcome deferred() {
    return new Outcome.Deferred(LATER, SmtpReply.of(450, "4.2.0", "Not now"), false);
  }

  private static Outcome failed() {
    return new Outcome.Failed(NEVER, SmtpReply.of(550, "5.1.1", "No such user"));
  }
}
