package dev.caravan.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.ScramKeys;
import dev.caravan.auth.Users;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.Sender;
import dev.caravan.mail.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RateLimitTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** Everybody exists; ann has limits of her own. */
  private static class Everybody implements Users {
    @Override
    public Optional<Account> find(String name) {
      int own = name.equals("ann") ? 2 : 0;
      return Optional.of(new Account(name, true, List.of("example.com"), own, own));
    }

    @Override
    public boolean verify(String name, String password) {
      return false;
    }

    @Override
    public Optional<ScramKeys> scram(String name) {
      return Optional.empty();
    }

    @Override
    public Optional<String> secret(String name) {
      return Optional.empty();
    }

    @Override
    public boolean isEmpty() {
      return false;
    }
  }

  private static final class Nobody extends Everybody {
    @Override
    public Optional<Account> find(String name) {
      return Optional.empty();
    }
  }

  private RateLimit limit(String pause) {
    return new RateLimit(new Everybody(), 5, 3, 4, 4, pause, () -> now);
  }

  private static Origin at(String address, boolean trusted) {
    return Origin.smtp(
        new InetSocketAddress(InetAddress.ofLiteral(address), 1), trusted, Instant.EPOCH);
  }

  private static Sender mail(Origin origin) {
    return new Sender(origin, ReversePath.parse("a@example.com"), 0);
  }

  private static int passed(RateLimit limit, Origin origin, int tries) {
    int passed = 0;
    for (int i = 0; i < tries; i++) {
      Verdict verdict = limit.checkMessage(mail(origin)).verdict();
      if (verdict instanceof Verdict.Defer defer) {
        assertThat(defer.reply().toString()).startsWith("450 4.7.1 ");
      } else {
        passed++;
      }
    }
    return passed;
  }

  @Test
  void soManyAtOnceAndThenAtThatPace() {
    RateLimit limit = limit("0s");
    Origin joe = at("192.0.2.1", false).withUser("joe");
    assertThat(passed(limit, joe, 10)).isEqualTo(5);
    now = now.plus(Duration.ofMinutes(11)); // one in twelve minutes
    assertThat(passed(limit, joe, 10)).isZero();
    now = now.plus(Duration.ofMinutes(1));
    assertThat(passed(limit, joe, 10)).isEqualTo(1);
    now = now.plus(Duration.ofHours(3));
    assertThat(passed(limit, joe, 10)).isEqualTo(5);
  }

  @Test
  void eachCountsForItself() {
    RateLimit limit = limit("0s");
    assertThat(passed(limit, at("192.0.2.1", false).withUser("joe"), 10)).isEqualTo(5);
    assertThat(passed(limit, at("192.0.2.1", false).withUser("ann"), 10)).isEqualTo(2);
    assertThat(passed(limit, at("192.0.2.1", false), 10)).isEqualTo(4);
    assertThat(passed(limit, at("2001:db8::1", false), 3)).isEqualTo(3);
    assertThat(passed(limit, at("2001:db8::2", false), 3)).isEqualTo(1);
    assertThat(passed(limit, at("2001:db8:0:1::2", false), 3)).isEqualTo(3);
    assertThat(passed(limit, at("192.0.2.9", true), 100)).as("may relay").isEqualTo(100);
  }

  @Test
  void recipientsCountToo() {
    RateLimit limit = limit("0s");
    Recipient question =
        new Recipient(
            at("192.0.2.1", false).withUser("joe"),
            ReversePath.NULL,
            EmailAddress.parse("b@dest.example"));
    for (int i = 0; i < 3; i++) {
      assertThat(limit.checkRecipient(question).isDecided()).isFalse();
    }
    assertThat(limit.checkRecipient(question).verdict()).isInstanceOf(Verdict.Defer.class);
  }

  @Test
  void anAccountIsPaused() {
    RateLimit limit = limit("2h");
    Origin joe = at("192.0.2.1", false).withUser("joe");
    assertThat(passed(limit, joe, 6)).isEqualTo(5);
    now = now.plus(Duration.ofMinutes(119));
    assertThat(passed(limit, joe, 1)).isZero();
    now = now.plus(Duration.ofMinutes(2));
    assertThat(passed(limit, joe, 1)).isEqualTo(1);
  }

  @Test
  void nobodyIsCountedTwiceOrForgottenUnderLoad() throws Exception {
    RateLimit limit = new RateLimit(new Everybody(), 1000, 0, 0, 0, "0s", () -> now);
    Origin joe = at("192.0.2.1", false).withUser("joe");
    AtomicInteger passed = new AtomicInteger();
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(
                t -> Thread.startVirtualThread(() -> passed.addAndGet(passed(limit, joe, 500))))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(passed.get()).isEqualTo(1000);
  }

  @Test
  void usersSendAsThemselvesOnly() {
    SenderPermission permission = new SenderPermission(new Everybody());
    Origin joe = at("192.0.2.1", false).withUser("joe");
    assertThat(permission.check(mail(joe)).isDecided()).isFalse();
    assertThat(permission.check(new Sender(joe, ReversePath.NULL, 0)).isDecided()).isFalse();
    Sender other = new Sender(joe, ReversePath.parse("a@other.example"), 0);
    assertThat(permission.check(other).verdict()).isInstanceOf(Verdict.Reject.class);
    Sender stranger = new Sender(at("192.0.2.1", false), ReversePath.parse("a@other.example"), 0);
    assertThat(permission.check(stranger).isDecided()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "a@example.com                   | false",
        "Ann <a@example.com>             | false",
        "a@example.com, b@example.com    | false",
        "-                               | false",
        "a@other.example                 | true",
        "a@example.com, b@other.example  | true",
        "a@example.com <b@other.example> | true",
        "undisclosed:;                   | true",
        "nobody                          | true",
        "''                              | true",
      })
  void usersWriteAsThemselvesOnly(@Nullable String from, boolean refused) {
    SenderPermission permission = new SenderPermission(new Everybody());
    String field = from == null ? "" : "From: " + from + "\r\n";
    Mail mail =
        new Mail(
            new MailId("01M851KCJ1X450J4"),
            at("192.0.2.1", false).withUser("joe"),
            new Envelope(
                ReversePath.parse("a@example.com"), List.of(EmailAddress.parse("b@dest.example"))),
            Content.of(field + "Subject: x\r\n\r\nx\r\n"));
    Mail answer = permission.checkFrom(mail);
    assertThat(answer.verdict() instanceof Verdict.Reject).isEqualTo(refused);
    Mail application =
        new Mail(
            mail.id(),
            Origin.jms(Optional.of("joe"), Instant.EPOCH),
            mail.envelope(),
            mail.content());
    assertThat(permission.checkFrom(application).verdict() instanceof Verdict.Reject)
        .isEqualTo(refused);
  }

  /** Who is at the broker without being a user here may write as anybody. */
  @Test
  void whoIsNoUserIsNotBound() {
    Mail mail =
        new Mail(
            new MailId("01M851KCJ1X450J4"),
            Origin.jms(Optional.of("caravan"), Instant.EPOCH),
            new Envelope(
                ReversePath.parse("a@other.example"),
                List.of(EmailAddress.parse("b@dest.example"))),
            Content.of("From: a@other.example\r\n\r\nx\r\n"));
    assertThat(new SenderPermission(new Nobody()).checkFrom(mail)).isSameAs(mail);
    assertThat(new SenderPermission(new Everybody()).checkFrom(mail).isDecided()).isTrue();
  }
}
