package dev.caravan.delivery;

import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.auth.PasswordCredentials;
import dev.caravan.delivery.auth.Secret;
import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the tests of this package send, and how they read what became of it. */
final class Deliveries {
  static final String MESSAGE = "Subject: test\r\n\r\nhello\r\n";

  /** Nothing that answers is ever too slow for these. */
  static final Duration AMPLE = Duration.ofMinutes(1);

  /** For servers that never answer. */
  static final Duration TINY = Duration.ofMillis(300);

  static final ClientOptions OPTIONS =
      new ClientOptions("relay.example", AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, 100);

  private Deliveries() {}

  static QueuedMail mail(String... recipients) {
    return mailOf(MESSAGE, recipients);
  }

  static QueuedMail mailOf(String message, String... recipients) {
    return mail(
        new Envelope(
            ReversePath.parse("a@sender.example"),
            Arrays.stream(recipients).map(EmailAddress::parse).toList()),
        message);
  }

  static QueuedMail mail(Envelope envelope, String message) {
    return new QueuedMail(
        new MailId("01M851KCJ1X450J4"),
        envelope,
        Content.of(message.getBytes(StandardCharsets.ISO_8859_1)),
        "site.example",
        0,
        Instant.EPOCH,
        "",
        Origin.Source.SMTP,
        false);
  }

  /** A mail as it is when its site is asked for. */
  static Mail accepted() {
    return new Mail(
        new MailId("01M851KCJ1X450J4"),
        Origin.bounce(Instant.EPOCH),
        mail("x@dest.example").envelope(),
        Content.of(MESSAGE.getBytes(StandardCharsets.ISO_8859_1)));
  }

  static Credentials login(String user, String password) {
    return new PasswordCredentials(user, Secret.of(password), List.of(), false);
  }

  static Hop hop(ScriptedServer server, TlsMode tls) {
    return new Hop(
        "127.0.0.1", InetAddress.getLoopbackAddress(), server.port(), tls, Optional.empty());
  }

  /** To the servers that this DNS names, encrypted where they offer it. */
  static MxTransport mx(Resolver dns, int port, String refused) {
    TlsClient tls = new TlsClient();
    return new MxTransport(
        dns,
        port,
        refused,
        "relay.example",
        5,
        100,
        new TlsPolicies(dns, "opportunistic", false, false, port, tls, "absent", "", ""),
        tls);
  }

  static Hop hop(ScriptedServer server) {
    return hop(server, TlsMode.NONE);
  }

  /** Each outcome as {@code local-part ending [maybe] reply}. */
  static List<String> endings(Attempt attempt) {
    return attempt.outcomes().stream()
        .map(o -> o.recipient().localPart() + " " + ending(o) + " " + o.reply())
        .toList();
  }

  private static String ending(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered d -> "delivered";
      case Outcome.Deferred d -> d.maybeDuplicate() ? "deferred maybe" : "deferred";
      case Outcome.Failed f -> "failed";
    };
  }

  /** One attempt over fresh connections. */
  static Attempt send(QueuedMail mail, ClientOptions options, Hop... hops)
      throws InterruptedException {
    try (HopSender sender = new HopSender(options, 5)) {
      return sender.send(mail, List.of(hops));
    }
  }
}
