package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SubmissionTest {
  private static final MailId ID = new MailId("01M855SD4NQ0ZJT0");
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private static final String RAW =
      "From: Ann <a@b.example>\r\n"
          + "To: c@d.example,\r\n\t\"E, F\" <e@f.example>\r\n"
          + "Cc: g@h.example\r\n"
          + "Bcc: i@j.example,\r\n k@l.example\r\n"
          + "Date: Sun, 1 Mar 2026 09:00:00 +0000\r\n"
          + "Message-ID: <1@b.example>\r\n\r\n"
          + ".body\r\n";
  private static final Map<String, Object> ENVELOPE =
      Map.of("mailFrom", "a@b.example", "rcptTo", "c@d.example");

  private final Submission submission = new Submission("relay.example", 3, 20_000);

  static Stream<Arguments> accepted() {
    Map<String, Object> text =
        Map.of("from", "Ann <a@b.example>", "to", "c@d.example", "bcc", "e@f.example");
    return Stream.of(
        Arguments.of("raw text", ENVELOPE, "Subject: x\n\ny\n", "a@b.example", "c@d.example"),
        Arguments.of("raw octets", ENVELOPE, octets("X: y\r\n\r\n"), "a@b.example", "c@d.example"),
        Arguments.of(
            "brackets",
            Map.of("mailFrom", "<a@b.example>", "rcptTo", "<c@d.example>,e@f.example"),
            "X: y\n\n",
            "a@b.example",
            "c@d.example,e@f.example"),
        Arguments.of(
            "null sender",
            Map.of("mailFrom", "<>", "rcptTo", "c@d.example"),
            "X: y\n\n",
            "",
            "c@d.example"),
        Arguments.of("text", text, "hello", "a@b.example", "c@d.example,e@f.example"),
        Arguments.of("text of octets", text, octets("ü"), "a@b.example", "c@d.example,e@f.example"),
        Arguments.of(
            "map",
            Map.of(),
            Map.of("from", "a@b.example", "to", "c@d.example", "text", "x", "x.bin", new byte[9]),
            "a@b.example",
            "c@d.example"),
        Arguments.of(
            "JSON",
            Map.of(),
            " {\"from\":\"a@b.example\",\"to\":[\"c@d.example\",\"E <e@f.example>\"],"
                + "\"cc\":null,\"subject\":\"ü\",\"text\":\"x\"}",
            "a@b.example",
            "c@d.example,e@f.example"),
        Arguments.of(
            "said to be JSON",
            Map.of("format", "json", "to", "ignored"),
            octets("{\"from\":\"a@b.example\",\"to\":\"c@d.example\"}"),
            "a@b.example",
            "c@d.example"),
        Arguments.of(
            "a recipient twice",
            Map.of(
                "from",
                "a@b.example",
                "to",
                "c@d.example, C <c@d.example>",
                "cc",
                "c@d.example",
                "bcc",
                "c@d.example"),
            "x",
            "a@b.example",
            "c@d.example"),
        Arguments.of(
            "quoted",
            Map.of("mailFrom", "\"a b\"@c.example", "rcptTo", "\"c, d\"@d.example"),
            "X: y\n\n",
            "\"a b\"@c.example",
            "\"c, d\"@d.example"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accepted")
  void isAMail(String name, Map<String, Object> properties, Object body, String from, String to)
      throws Exception {
    Mail mail = read(properties, body);
    assertThat(mail.sender()).isEqualTo(ReversePath.parse(from));
    assertThat(mail.recipients().stream().map(EmailAddress::toString))
        .isEqualTo(List.of(to.split(",(?! )", -1)));
    assertThat(mail.origin().source()).isEqualTo(Origin.Source.JMS);
    assertThat(text(mail)).startsWith("Received: by relay.example").contains("\r\n\r\n");
    assertThat(mail.content().header().count("Date")).isEqualTo(1);
    assertThat(mail.content().header().count("Message-ID")).isEqualTo(1);
  }

  @Test
  void withoutAnEnvelopeTheHeaderIsAsked() throws Exception {
    Mail mail =
        new Submission("relay.example", 10, 20_000)
            .mail(Submission.open(Map.of(), RAW), ID, Origin.jms(none(), NOW));
    assertThat(mail.sender()).isEqualTo(ReversePath.parse("a@b.example"));
    assertThat(mail.recipients())
        .extracting(EmailAddress::toString)
        .containsExactly("c@d.example", "e@f.example", "g@h.example", "i@j.example", "k@l.example");
    assertThat(text(mail))
        .endsWith(RAW.replace("Bcc: i@j.example,\r\n k@l.example\r\n", ""))
        .doesNotContain("k@l.example");
  }

  @Test
  void senderGoesBeforeFrom() throws Exception {
    Mail mail =
        read(Map.of("rcptTo", "c@d.example"), "From: x@y.example\nSender: Z <s@b.example>\n\n");
    assertThat(mail.sender()).isEqualTo(ReversePath.parse("s@b.example"));
  }

  @Test
  void rawOctetsStayAsTheyAreBelowTheTrace() throws Exception {
    byte[] body = octets("Date: x\r\nMessage-ID: <x@y>\r\nX:\tGrüße \r\n\r\n\u0001ü\r\n.\r\n");
    Mail mail = read(ENVELOPE, body);
    assertThat(text(mail)).endsWith("\r\n" + new String(body, StandardCharsets.UTF_8));
    assertThat(mail.envelope().body()).isEqualTo(MailOptions.Body.EIGHT_BIT_MIME);
  }

  @Test
  void whatIsMissingIsAdded() throws Exception {
    assertThat(text(read(ENVELOPE, "Subject: x\n\ny\n")))
        .endsWith(
            "\r\nDate: Sun, 1 Mar 2026 10:00:00 +0000\r\n"
                + "Message-ID: <01M855SD4NQ0ZJT0@relay.example>\r\n"
                + "Subject: x\r\n\r\ny\r\n");
  }

  @Test
  void utf8InAHeaderIsRead() throws Exception {
    Mail mail = read(Map.of(), "From: Jörg <jörg@b.example>\nTo: Ü <ü@d.example>\n\n");
    assertThat(mail.sender()).isEqualTo(ReversePath.parse("jörg@b.example"));
    assertThat(mail.recipients()).containsExactly(EmailAddress.parse("ü@d.example"));
  }

  @Test
  void onlyAnInternationalAddressNeedsSmtpUtf8() throws Exception {
    Map<String, Object> name = Map.of("from", "Jörg <a@b.example>", "to", "c@d.example");
    assertThat(read(name, "ü").envelope().smtpUtf8()).isFalse();
    assertThat(read(name, "ü").envelope().body()).isEqualTo(MailOptions.Body.SEVEN_BIT);
    Map<String, Object> address =
        Map.of("from", "a@b.example", "to", "c@d.example", "cc", "ü@d.example");
    assertThat(read(address, "x").envelope().smtpUtf8()).isTrue();
  }

  @Test
  void aFileIsReadLikeOctets(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("x.eml"), RAW);
    Mail mail =
        new Submission("relay.example", 10, 20_000)
            .mail(Submission.open(Map.of(), file), ID, Origin.jms(none(), NOW));
    assertThat(mail.recipients()).hasSize(5);
    assertThat(text(mail)).endsWith("\r\n\r\n.body\r\n").doesNotContain("Bcc");
  }

  static Stream<Arguments> refused() {
    Map<String, Object> text = Map.of("from", "a@b.example", "to", "c@d.example");
    return Stream.of(
        Arguments.of(ENVELOPE, new JmsPayload.Unsupported("X"), "5.6.0", "a X is no mail"),
        Arguments.of(
            Map.of("format", "text"), new JmsPayload.Unsupported("X"), "5.6.0", "a X is no mail"),
        Arguments.of(Map.of("format", "xml"), "x", "5.6.0", "not xml"),
        Arguments.of(Map.of(), "", "5.6.0", "header fields"),
        Arguments.of(Map.of(), "no header\n", "5.6.0", "header fields"),
        Arguments.of(Map.of(), "Subject: x\n\n", "5.1.3", "no recipients"),
        Arguments.of(Map.of("rcptTo", "c@d.example"), "X: y\n\n", "5.1.7", "no sender"),
        Arguments.of(
            Map.of("mailFrom", "Ann <a@b.example>", "rcptTo", "c@d.example"),
            "X: y\n\n",
            "5.1.7",
            "mailFrom has no proper address: Ann <a@b.example>"),
        Arguments.of(
            Map.of("mailFrom", "a@b.example>\r\nRCPT TO:<x@y.example", "rcptTo", "c@d.example"),
            "X: y\n\n",
            "5.1.7",
            "mailFrom has no proper address: a@b.example>??RCPT TO:<x@y.example"),
        Arguments.of(
            Map.of("mailFrom", "a@b.example", "rcptTo", "c@d.example, nobody"),
            "X: y\n\n",
            "5.1.3",
            "rcptTo has no proper address: nobody"),
        Arguments.of(Map.of(), "To: foo bar@x\n\n", "5.1.3", "To has no proper address: foo bar@x"),
        Arguments.of(Map.of("to", "c@d.example"), "x", "5.1.7", "no sender: set from"),
        Arguments.of(Map.of("from", "a@b.example", "to", ""), "x", "5.1.3", "no recipients"),
        Arguments.of(
            Map.of("from", "a@b.example", "to", "1@x.example,2@x.example,3@x.example,4@x.example"),
            "x",
            "5.5.3",
            "more than 3 recipients"),
        Arguments.of(text, "x".repeat(20_001), "5.3.4", "size limit of 20000"),
        Arguments.of(text, "x".repeat(20_000), "5.3.4", "size limit of 20000"),
        Arguments.of(text, new byte[] {(byte) 0xFC}, "5.6.0", "not UTF-8"),
        Arguments.of(Map.of("format", "map"), "x", "5.6.0", "needs a MapMessage"),
        Arguments.of(
            Map.of(),
            Map.of("from", "a@b.example", "to", octets("c@d.example")),
            "5.6.0",
            "to must be a text, not octets"),
        Arguments.of(
            Map.of(),
            Map.of("from", "a@b.example", "to", "c@d.example", "x", new byte[20_001]),
            "5.3.4",
            "size limit"),
        Arguments.of(Map.of(), "{\"from\":", "5.6.0", "the JSON can't be read"),
        Arguments.of(Map.of("format", "json"), "", "5.6.0", "the JSON must be an object"),
        Arguments.of(Map.of("format", "json"), "[]", "5.6.0", "the JSON must be an object"),
        Arguments.of(Map.of(), "{}{}", "5.6.0", "something behind the JSON"),
        Arguments.of(
            Map.of(), "{\"text\":\"x\",\"text\":\"y\"}", "5.6.0", "the JSON can't be read"),
        Arguments.of(Map.of(), "{\"a\":".repeat(5000), "5.6.0", "/a: there is no such key"),
        Arguments.of(
            Map.of(), "{\"headers\":" + "[".repeat(5000), "5.6.0", "/headers: this must be"),
        Arguments.of(
            Map.of(),
            "{\"from\":\"a@b.example\",\"to\":{\"x\":\"c@d.example\"}}",
            "5.6.0",
            "/to: this must be a text or texts"),
        Arguments.of(
            Map.of(),
            "{\"from\":\"a@b.example\",\"to\":[\"c@d.example\",{\"x\":\"e@f.example\"}]}",
            "5.6.0",
            "/to/1: this must be a text"),
        Arguments.of(
            Map.of(),
            "{\"from\":\"a@b.example\",\"to\":\"c@d.example\",\"subject\":[\"x\"]}",
            "5.6.0",
            "/subject: this must be a text"),
        Arguments.of(
            Map.of(),
            "{\"from\":\"a@b.example\",\"to\":\"c@d.example\",\"attachments\":[{}]}",
            "5.6.0",
            "/attachments/0: an attachment has a name and either data or staged"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefused(Map<String, Object> properties, Object body, String code, String sentence) {
    assertThatThrownBy(() -> read(properties, body))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reply().status()).hasToString(code);
              assertThat(e.reply().text()).contains(sentence);
            });
  }

  private Mail read(Map<String, Object> properties, Object body) throws RefusedException {
    return submission.mail(Submission.open(properties, body), ID, Origin.jms(none(), NOW));
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Mail mail) {
    return new String(mail.content().toBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void theDefaultKeyCountsLast() throws Exception {
    String mail = "{\"from\": \"a@b.example\", \"to\": \"c@d.example\", \"text\": \"x\"";
    Map<String, Object> properties = Map.of("mailKeyDefault", "ID:1");
    assertThat(Submission.open(properties, mail + "}").wishes().key()).contains("ID:1");
    assertThat(Submission.open(properties, mail + ", \"mailKey\": \"order\"}").wishes().key())
        .contains("order");
    Map<String, Object> both = Map.of("mailKeyDefault", "ID:1", "mailKey", "order");
    assertThat(Submission.open(both, mail + "}").wishes().key()).contains("order");
  }
}
