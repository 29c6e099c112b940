package dev.caravan.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import dev.caravan.queue.QueuedMails;
import jakarta.mail.Session;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports, read back by an independent MIME parser and by RFC 3464's own grammar. */
final class BounceWriterTest {
  private static final Instant NOW = QueuedMails.QUEUED_AT.plus(Duration.ofHours(5));
  private static final String PEER = "mx.dest.example[192.0.2.1]:25";
  private static final String ORIGINAL =
      "Received: from x\r\n"
          + "\tby y\r\n"
          + "From: a@sender.example\r\n"
          + "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
          + "Message-ID: <1@sender.example>\r\n\r\n"
          + "The body is secret.\r\n";

  private final BounceWriter writer =
      new BounceWriter("relay.example", Clock.fixed(NOW, ZoneOffset.UTC), new Random(1));

  @Test
  void aFailureTellsPeopleAndMachines() throws Exception {
    Read report =
        read(
            failure(
                mail("a@sender.example", ORIGINAL),
                new Report(address("b@dest.example"), reply(550, "5.1.1", "No such user")),
                new Report(address("c@dest.example"), reply(552, "5.2.2", "Full"))));

    assertThat(report.mail.envelope().sender()).isEqualTo(ReversePath.NULL);
    assertThat(report.mail.recipients()).containsExactly(address("a@sender.example"));
    assertThat(report.top("From")).isEqualTo("Mail Delivery System <MAILER-DAEMON@relay.example>");
    assertThat(report.top("To")).isEqualTo("<a@sender.example>");
    assertThat(report.top("Auto-Submitted")).isEqualTo("auto-replied");
    assertThat(report.top("In-Reply-To")).isEqualTo("<1@sender.example>");
    assertThat(report.top("Date")).isEqualTo("Sun, 1 Mar 2026 15:00:00 +0000");
    assertThat(report.top("Content-Type"))
        .startsWith("multipart/report; report-type=delivery-status;");
    assertThat(report.types)
        .containsExactly("text/plain", "message/delivery-status", "text/rfc822-headers");
    assertThat(report.parts.get(0))
        .contains("<b@dest.example>", "550 5.1.1 No such user", "Subject: Grüße");
    assertThat(report.parts.get(2)).contains("Subject: =?utf-8?Q?").doesNotContain("secret");

    List<Map<String, String>> status = report.status();
    assertThat(status.get(0))
        .containsEntry("Reporting-MTA", "dns; relay.example")
        .containsEntry("Arrival-Date", "Sun, 1 Mar 2026 10:00:00 +0000");
    assertThat(status.get(1))
        .containsEntry("Final-Recipient", "rfc822; b@dest.example")
        .containsEntry("Action", "failed")
        .containsEntry("Status", "5.1.1")
        .containsEntry("Remote-MTA", "dns; mx.dest.example")
        .containsEntry("Diagnostic-Code", "smtp; 550 5.1.1 No such user")
        .containsEntry("Last-Attempt-Date", "Sun, 1 Mar 2026 15:00:00 +0000")
        .doesNotContainKey("Will-Retry-Until");
    assertThat(status.get(2))
        .containsEntry("Final-Recipient", "rfc822; c@dest.example")
        .containsEntry("Status", "5.2.2");
    assertThat(status).hasSize(3);
  }

  @Test
  void whatBecameTooOldIs447() throws Exception {
    Read report =
        read(
            failure(
                mail("a@sender.example", ORIGINAL),
                new Report(
                    address("b@dest.example"),
                    reply(450, "4.2.0", "Not now"),
                    Report.Action.EXPIRED)));
    assertThat(report.status().get(1))
        .containsEntry("Action", "failed")
        .containsEntry("Status", "4.4.7")
        .containsEntry("Diagnostic-Code", "smtp; 450 4.2.0 Not now");
  }

  @Test
  void aDelaySaysUntilWhen() throws Exception {
    Mail delay =
        writer
            .delay(
                mail("a@sender.example", ORIGINAL),
                List.of(
                    new Report(
                        address("b@dest.example"),
                        reply(450, "4.2.0", "Not now"),
                        Report.Action.DELAYED)),
                PEER,
                NOW.plus(Duration.ofDays(1)))
            .orElseThrow();
    assertThat(read(delay).status().get(1))
        .containsEntry("Action", "delayed")
        .containsEntry("Status", "4.2.0")
        .containsEntry("Will-Retry-Until", "Mon, 2 Mar 2026 15:00:00 +0000");
  }

  @Test
  void nobodyIsToldAboutABounceOrAboutMailOfOurDaemon() {
    Report failed = new Report(address("b@dest.example"), reply(550, "5.1.1", "No such user"));
    assertThat(writer.failure(mail("", ORIGINAL), List.of(failed), PEER)).isEmpty();
    assertThat(writer.failure(mail("mailer-daemon@relay.example", ORIGINAL), List.of(failed), PEER))
        .isEmpty();
    assertThat(writer.failure(mail("a@sender.example", ORIGINAL), List.of(), PEER)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Auto-Submitted: auto-generated", "Precedence: bulk"})
  void nobodyWaitsForAutomaticMail(String field) {
    Report late = new Report(address("b@dest.example"), reply(450, "4.2.0", "Not now"));
    QueuedMail automatic = mail("a@sender.example", field + "\r\n" + ORIGINAL);
    assertThat(writer.delay(automatic, List.of(late), PEER, NOW)).isEmpty();
    assertThat(writer.failure(automatic, List.of(late), PEER)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\tFinal-Recipient: rfc822; evil@example",
        "\u0000\u001b[31m ü \u2028 \uD83D\uDE00",
        "no-space-at-all",
        "--=_01M855SD4NQ0ZJT0--",
      })
  void wordsOfOthersStayInTheirField(String words) throws Exception {
    String many = (words + " ").repeat(400);
    Read report =
        read(
            failure(
                mail("a@sender.example", ORIGINAL),
                new Report(
                    address("b@dest.example"),
                    new SmtpReply(550, java.util.Optional.empty(), List.of(clean(many), "two")))));
    assertThat(report.types).hasSize(3);
    assertThat(report.status()).hasSize(2);
    assertThat(report.status().get(1)).containsEntry("Final-Recipient", "rfc822; b@dest.example");
    assertThat(report.text()).matches("(?s)[\\t\\r\\n -~]*");
    for (String line : report.text().split("\r\n", -1)) {
      assertThat(line.length()).isLessThanOrEqualTo(998);
    }
  }

  @Test
  void aHeaderThatIsNotAsciiIsEncoded() throws Exception {
    Read report =
        read(
            failure(
                mail("a@sender.example", "Subject: Grüße\r\nX: " + "y".repeat(2000) + "\r\n\r\n"),
                new Report(address("b@dest.example"), reply(550, "5.1.1", "No"))));
    assertThat(report.mail.envelope().smtpUtf8()).isFalse();
    assertThat(report.text()).matches("(?s)[\\t\\r\\n -~]*");
    assertThat(report.parts.get(2)).contains("y".repeat(2000));
  }

  private static final Envelope ASKED =
      new Envelope(
          ReversePath.parse("a@sender.example"),
          List.of(address("b@dest.example"), address("c@dest.example")),
          MailOptions.NONE.withReturned(MailOptions.Returned.FULL).withEnvelopeId("QQ+2B1+0D+0AX:"),
          Map.of(
              address("b@dest.example"),
              new DsnRequest(Set.of(DsnRequest.Notify.SUCCESS), "rfc822;B+2Bx@other.example"),
              address("c@dest.example"),
              new DsnRequest(Set.of(), "utf-8;\u00fc@other.example")));

  @ParameterizedTest
  @EnumSource(
      value = Report.Action.class,
      names = {"DELIVERED", "RELAYED"})
  void aSuccessSaysHowFarTheMailHasGot(Report.Action action) throws Exception {
    Report taken = new Report(address("b@dest.example"), reply(250, "2.0.0", "Ok"), action);
    Read report = read(writer.success(with(ASKED, ORIGINAL), List.of(taken), PEER).orElseThrow());
    assertThat(report.status().get(0)).containsEntry("Original-Envelope-Id", "QQ+1  X:");
    assertThat(report.status().get(1))
        .containsEntry("Original-Recipient", "rfc822; B+x@other.example")
        .containsEntry("Final-Recipient", "rfc822; b@dest.example")
        .containsEntry("Action", action.name().toLowerCase(Locale.ROOT))
        .containsEntry("Status", "2.0.0");
    // Nothing has failed: the whole mail is not sent back (RFC 3461, 4.3).
    assertThat(report.types)
        .containsExactly("text/plain", "message/delivery-status", "text/rfc822-headers");
  }

  /** What came, what was asked, and what comes back. */
  @ParameterizedTest
  @CsvSource({
    "FULL,     false, secret,                  message/rfc822",
    "HEADERS,  false, secret,                  text/rfc822-headers",
    "UNSTATED, false, secret,                  text/rfc822-headers",
    "FULL,     true,  secret,                  text/rfc822-headers",
    "FULL,     false, 'bare \n feed',           text/rfc822-headers",
    "FULL,     false, LONG,                    text/rfc822-headers",
    "FULL,     false, s\u00e9cret,              message/rfc822",
  })
  void theMailComesBack(MailOptions.Returned asked, boolean requireTls, String body, String type)
      throws Exception {
    String text = body.equals("LONG") ? "0123456789\r\n".repeat(5000) : body + "\r\n";
    MailOptions options = MailOptions.NONE.withReturned(asked);
    Envelope envelope = ASKED.withOptions(requireTls ? options.withRequireTls() : options);
    Report failed = new Report(address("c@dest.example"), reply(550, "5.1.1", "No"));
    Mail mail =
        writer
            .failure(with(envelope, ORIGINAL + text.translateEscapes()), List.of(failed), PEER)
            .orElseThrow();
    Read report = read(mail);
    assertThat(report.types.getLast()).isEqualTo(type);
    assertThat(report.text().contains("The body is secret"))
        .isEqualTo(type.equals("message/rfc822"));
    assertThat(mail.envelope().options().requireTls()).isEqualTo(requireTls);
    boolean eightBit = mail.envelope().body() == MailOptions.Body.EIGHT_BIT_MIME;
    assertThat(eightBit).isEqualTo(body.contains("\u00e9"));
    assertThat(report.status().get(1))
        .containsEntry("Original-Recipient", "utf-8; \\x{FC}@other.example");
  }

  @Test
  void headersInUtf8ComeBackAsSuch() throws Exception {
    Report failed = new Report(address("c@dest.example"), reply(550, "5.1.1", "No"));
    QueuedMail mail =
        with(
            ASKED.withOptions(MailOptions.NONE.withSmtpUtf8()), "Subject: Gr\u00fc\u00dfe\r\n\r\n");
    Read report = read(failure(mail, failed));
    assertThat(report.types)
        .containsExactly("text/plain", "message/delivery-status", "message/global-headers");
    assertThat(report.mail.envelope().smtpUtf8()).isFalse();
    assertThat(report.text()).matches("(?s)[\\t\\r\\n -~]*");
  }

  private static QueuedMail with(Envelope envelope, String content) {
    return mail("a@sender.example", content).afterAttempt(envelope, "");
  }

  @Test
  void anotherParserAgrees() throws Exception {
    Mail failure =
        failure(
            mail("a@sender.example", "Subject: Grüße\r\n" + ORIGINAL),
            new Report(address("b@dest.example"), reply(550, "5.1.1", "Ü" + "x".repeat(5000))));
    MimeMessage message =
        new MimeMessage(
            Session.getInstance(new Properties()),
            new ByteArrayInputStream(failure.content().toBytes()));
    MimeMultipart report = (MimeMultipart) message.getContent();
    assertThat(report.isComplete()).isTrue();
    assertThat(report.getCount()).isEqualTo(3);
    assertThat(new ContentType(message.getContentType()).getParameter("report-type"))
        .isEqualTo("delivery-status");
    InternetHeaders status;
    try (java.io.InputStream in = report.getBodyPart(1).getInputStream()) {
      assertThat(new InternetHeaders(in).getHeader("Reporting-MTA"))
          .containsExactly("dns; relay.example");
      status = new InternetHeaders(in);
    }
    assertThat(status.getHeader("Final-Recipient")).containsExactly("rfc822; b@dest.example");
    assertThat(status.getHeader("Status")).containsExactly("5.1.1");
    assertThat(report.getBodyPart(2).getContentType()).isEqualTo("text/rfc822-headers");
  }

  @Test
  void anInternationalSenderGetsAnInternationalReport() throws Exception {
    Read report =
        read(
            failure(
                mail("jörg@sender.example", ORIGINAL),
                new Report(address("ü@dest.example"), reply(550, "5.1.1", "Nein"))));
    assertThat(report.mail.envelope().smtpUtf8()).isTrue();
    assertThat(report.types)
        .containsExactly("text/plain", "message/global-delivery-status", "message/global-headers");
    assertThat(report.status().get(1)).containsEntry("Final-Recipient", "utf-8; ü@dest.example");
  }

  @Test
  void anInternationalRecipientIsAsciiInAnOrdinaryReport() throws Exception {
    Read report =
        read(
            failure(
                mail("a@sender.example", ORIGINAL),
                new Report(address("ü@dest.example"), reply(550, "5.1.1", "Nein"))));
    assertThat(report.mail.envelope().smtpUtf8()).isFalse();
    assertThat(report.status().get(1))
        .containsEntry("Final-Recipient", "utf-8; \\x{FC}@dest.example");
  }

  @Test
  void aHundredRecipientsAreAHundredGroups() throws Exception {
    Report[] failed =
        IntStream.range(0, 100)
            .mapToObj(
                i -> new Report(address("r" + i + "@dest.example"), reply(550, "5.1.1", "No")))
            .toArray(Report[]::new);
    assertThat(read(failure(mail("a@sender.example", ORIGINAL), failed)).status()).hasSize(101);
  }

  private Mail failure(QueuedMail mail, Report... failed) {
    return writer.failure(mail, List.of(failed), PEER).orElseThrow();
  }

  private static QueuedMail mail(String from, String content) {
    QueuedMail mail = QueuedMails.mail("", List.of("b@dest.example"), content);
    return new QueuedMail(
        mail.id(),
        new Envelope(ReversePath.parse(from), mail.envelope().recipients()),
        mail.content(),
        mail.site(),
        mail.attempts(),
        mail.queuedAt(),
        mail.lastReply(),
        mail.source(),
        mail.warned());
  }

  private static EmailAddress address(String text) {
    return EmailAddress.parse(text);
  }

  private static SmtpReply reply(int code, String enhanced, String text) {
    return SmtpReply.of(code, enhanced, text);
  }

  /** As the client reads replies: without what ends a line. */
  private static String clean(String text) {
    return text.replaceAll("[\r\n\0]", "?");
  }

  private static Read read(Mail mail) throws Exception {
    Message message =
        new DefaultMessageBuilder()
            .parseMessage(new ByteArrayInputStream(mail.content().toBytes()));
    List<String> types = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    for (Entity part : ((Multipart) message.getBody()).getBodyParts()) {
      types.add(part.getMimeType());
      if (part.getBody() instanceof SingleBody body) {
        parts.add(new String(body.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      } else {
        parts.add(part.getBody().toString());
      }
    }
    return new Read(mail, message, types, parts);
  }

  private record Read(Mail mail, Message message, List<String> types, List<String> parts) {
    String top(String name) {
      return message.getHeader().getField(name).getBody().replaceAll("\r\n[ \t]", " ");
    }

    String text() {
      return new String(mail.content().toBytes(), StandardCharsets.UTF_8);
    }

    /** The groups of fields of the second part, unfolded (RFC 3464, 2.1). */
    List<Map<String, String>> status() {
      List<Map<String, String>> groups = new ArrayList<>();
      for (String group : parts.get(1).strip().split("\r\n\r\n")) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : group.replaceAll("\r\n[ \t]+", " ").split("\r\n")) {
          int colon = field.indexOf(": ");
          assertThat(field.substring(0, colon)).matches("[A-Za-z0-9-]+");
          assertThat(fields.put(field.substring(0, colon), field.substring(colon + 2))).isNull();
        }
        groups.add(fields);
      }
      return groups;
    }
  }
}
