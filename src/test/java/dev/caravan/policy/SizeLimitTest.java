package dev.caravan.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.FileUsers;
import dev.caravan.auth.UsersFile;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.Sender;
import dev.caravan.mail.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The size of a mail, of everybody's and of a user's own. */
final class SizeLimitTest {
  private static final int TRACE = 4096;
  private static final ReversePath FROM = ReversePath.parse("a@example.com");
  private static final Origin ANYBODY =
      Origin.smtp(
          new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1), false, Instant.EPOCH);

  @TempDir Path dir;
  private SizeLimit limit = new SizeLimit(1, new FileUsers(""));

  @BeforeEach
  void users() throws Exception {
    Path file = dir.resolve("users");
    UsersFile users = new UsersFile(file);
    users.add(new Account("ann", true, List.of(), 0, 0, 20_000), "x", false);
    users.add(new Account("joe", true, List.of(), 0, 0), "x", false);
    users.add(new Account("vast", true, List.of(), 0, 0, 1L << 40), "x", false);
    limit = new SizeLimit(50_000, new FileUsers(file.toString()));
  }

  private static String said(Verdict verdict) {
    return verdict instanceof Verdict.Reject reject ? reject.reply().toString() : "";
  }

  @ParameterizedTest
  @CsvSource({
    "ann, 20000, true",
    "ann, 20001, false",
    "ann, 0, true",
    "joe, 50000, true",
    "joe, 50001, false",
    "vast, 50001, false",
    "gone, 50000, true"
  })
  void atTheLimitAndAboveIt(String user, int octets, boolean passes) {
    Origin origin = ANYBODY.withUser(user);
    Sender asked = limit.checkDeclared(new Sender(origin, FROM, octets));
    assertThat(said(asked.verdict()).isEmpty()).isEqualTo(passes);
    Mail mail = mail(origin, octets + TRACE);
    assertThat(said(limit.check(mail).verdict()).isEmpty()).isEqualTo(passes);
    Mail ofJms = mail(Origin.jms(java.util.Optional.of(user), Instant.EPOCH), octets + TRACE);
    assertThat(said(limit.check(ofJms).verdict()).isEmpty()).isEqualTo(passes);
  }

  @Test
  void theReasonIsTold() {
    assertThat(said(limit.check(mail(ANYBODY.withUser("ann"), 30_000)).verdict()))
        .isEqualTo("552 5.3.4 Message exceeds the size limit of your account, 20000 octets");
    assertThat(said(limit.check(mail(ANYBODY, 60_000)).verdict()))
        .isEqualTo("552 5.3.4 Message exceeds the size limit");
    assertThat(said(limit.check(mail(ANYBODY, 30_000)).verdict())).isEmpty();
  }

  private static Mail mail(Origin origin, int octets) {
    return new Mail(
        new MailId("1"),
        origin,
        new Envelope(FROM, List.of(EmailAddress.parse("b@example.net"))),
        Content.of(new byte[octets]));
  }
}
