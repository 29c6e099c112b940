package dev.caravan.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules over header fields, text and attachments. Octets are ISO 8859-1 characters. */
final class ContentFilterTest {
  private static final String EXECUTABLE = "\\.(exe|scr)$";
  private static final Verdict REFUSED =
      new Verdict.Reject(SmtpReply.of(550, "5.7.1", "Message content is not accepted here"));

  private static final Verdict TOO_COMPLEX =
      new Verdict.Reject(SmtpReply.of(554, "5.6.0", "The structure of the message is too complex"));

  @ParameterizedTest(name = "{index}: {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "Subject: Cheap pills|true",
        "SUBJECT: CHEAP PILLS|true",
        "Subject: nice^Subject: cheap pills|true",
        "Subject: cheap^ pills|true",
        "Subject: =?utf-8?B?Q2hlYXAgcGlsbHM=?=|true",
        "Subject: =?iso-8859-1?Q?Cheap=20pills?=|true",
        "Subject: =?utf-8?Q?Cheap_?= =?utf-8?Q?pills?=|true",
        "Subject: =?utf-8?Q?Che?=^ =?utf-8?Q?ap_pills?=|true",
        "Subject: =?broken?Q?Cheap|false",
        "X-Subject: cheap pills|false",
        "Subject: cheap^X: pills|false",
        "Subject:|false",
      })
  void header(String fields, boolean matches) {
    ContentFilter filter =
        filter(
            rule -> {
              rule.setHeader("Subject");
              rule.setMatches("cheap\\s+pills");
            });
    assertThat(filter.check(mail(fields.replace("^", "\r\n") + "\r\n\r\nx")).isDecided())
        .isEqualTo(matches);
  }

  @Test
  void headerFieldsInRawUtf8() {
    ContentFilter filter =
        filter(
            rule -> {
              rule.setHeader("Subject");
              rule.setMatches("Grüße");
            });
    assertThat(filter.check(mail("Subject: " + utf8("Schöne Grüße") + "\r\n\r\n")).isDecided())
        .isTrue();
  }

  @ParameterizedTest(name = "{index}: {0} {1}")
  @CsvSource({
    "text/plain,7bit,us-ascii",
    "text/plain,8bit,utf-8",
    "text/plain; charset=utf-8,8bit,utf-8",
    "text/plain; charset=utf-8,base64,utf-8",
    "text/plain; charset=UTF-8,Quoted-Printable,utf-8",
    "text/plain; charset=\"iso-8859-1\",base64,iso-8859-1",
    "text/plain; charset=iso-8859-15,quoted-printable,iso-8859-15",
    "text/plain; charset=utf-16le,base64,utf-16le",
    "text/plain; charset=windows-1252,8bit,windows-1252",
    "text/html; charset=utf-8,base64,utf-8",
    "TEXT/Calendar; charset=utf-8,base64,utf-8",
  })
  void bodyInEveryEncoding(String type, String encoding, String charset) {
    String word = charset.equals("us-ascii") ? "Verboten" : "Verböten";
    String text = type.startsWith("text/html") ? "<p>Ver<b>böten</b> &lt;</p>" : "so " + word;
    String octets =
        new String(text.getBytes(Charset.forName(charset)), StandardCharsets.ISO_8859_1);
    String body = encoded(octets, encoding);
    String header =
        "Content-Type: " + type + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n";
    ContentFilter filter = filter(rule -> rule.setBody(word.toLowerCase(java.util.Locale.ROOT)));
    assertThat(filter.check(mail("MIME-Version: 1.0\r\n" + header + body)).isDecided()).isTrue();
    assertThat(filter.check(mail(mixed(part("text/plain", "x"), header + body))).isDecided())
        .isTrue();
  }

  @Test
  void bodyIsTextOnly() {
    ContentFilter filter = filter(rule -> rule.setBody("verboten"));
    assertThat(filter.check(mail("Subject: verboten\r\n\r\nfine\r\n")).isDecided()).isFalse();
    assertThat(filter.check(mail(mixed(part("image/png", "verboten")))).isDecided()).isFalse();
    assertThat(filter.check(mail("Subject: x\r\n\r\nverboten")).isDecided()).isTrue();
  }

  @ParameterizedTest(name = "{index}: {0}")
  @ValueSource(
      strings = {
        "Content-Disposition: attachment; filename=game.exe",
        "Content-Disposition: attachment; filename=\"game.exe\"",
        "CONTENT-DISPOSITION: inline; FILENAME=\"GAME.EXE\"",
        "Content-Disposition: attachment;^\tfilename=\"my game.exe\"",
        "Content-Disposition: attachment; filename=my game.exe",
        "Content-Disposition: attachment; filename=\"game.exe",
        "Content-Disposition: attachment; filename=\"game.exe \"",
        "Content-Disposition: attachment; filename=\"game.exe.\"",
        "Content-Disposition: attachment; filename=\"ga\\\"me.exe\"",
        "Content-Disposition: attachment; size=1; filename = game.exe ; x=y",
        "Content-Disposition: attachment; filename=game.exe;",
        "Content-Type: application/octet-stream; name=game.exe",
        "Content-Type: application/octet-stream; name=\"game.exe\"",
        // Readers differ in which of the two they show.
        "Content-Type: text/plain; name=game.exe^Content-Disposition: attachment; filename=a.txt",
        "Content-Type: text/plain; name=a.txt^Content-Disposition: attachment; filename=game.exe",
        "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''game%2Eexe",
        "Content-Disposition: attachment; filename*=utf-8''game%2Eexe; filename=a.txt",
        "Content-Disposition: attachment; filename*=utf-8''game%2Eexe",
        "Content-Disposition: attachment; filename*=utf-8'en'game.ex%65",
        "Content-Disposition: attachment; filename*=ISO-8859-1''sp%FCel.exe",
        "Content-Disposition: attachment; filename*=nonsense''game%2eexe",
        "Content-Disposition: attachment; filename*0=\"ga\"; filename*1=\"me.e\"; filename*2=xe",
        "Content-Disposition: attachment; filename*1=\".exe\"; filename*0=\"game\"",
        "Content-Disposition: attachment; filename*0*=utf-8''ga%6D; filename*1=\"e.e\";"
            + " filename*2*=%78e",
        "Content-Type: application/x; name*0=game.e; name*1=xe",
        "Content-Disposition: attachment; filename=\"=?utf-8?B?Z2FtZS5leGU=?=\"",
        "Content-Disposition: attachment; filename==?utf-8?Q?game=2Eexe?=",
        "Content-Disposition: attachment; filename=\"=?utf-8?Q?ga?= =?utf-8?Q?me=2Eexe?=\"",
        "Content-Disposition: attachment; filename=\"=?utf-8?Q?ga?=^ =?utf-8?Q?me=2Eexe?=\"",
        "Content-Type: application/x; name=\"=?iso-8859-1?Q?sp=FCel=2Eexe?=\"",
      })
  void attachmentNames(String fields) {
    String part = fields.replace("^", "\r\n") + "\r\n\r\nMZ\r\n";
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    assertThat(filter.check(mail(mixed(part("text/plain", "x"), part))).verdict())
        .isEqualTo(REFUSED);
    // The same as the only part.
    assertThat(filter.check(mail("MIME-Version: 1.0\r\n" + part)).verdict()).isEqualTo(REFUSED);
  }

  @ParameterizedTest(name = "{index}: {0}")
  @ValueSource(
      strings = {
        "Content-Disposition: attachment; filename=game.exe.txt",
        "Content-Disposition: attachment; filename=exe",
        "Content-Disposition: attachment; x-filename=game.exe",
        "Content-Disposition: attachment; x=\"; filename=game.exe\"",
        "Content-Disposition: attachment",
        "Content-Disposition:",
        "Content-Disposition: ;;;=;filename",
        "Content-Description: game.exe",
      })
  void otherNames(String fields) {
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    assertThat(filter.check(mail(mixed(fields + "\r\n\r\nx\r\n"))).isDecided()).isFalse();
  }

  @Test
  void namesInRawUtf8() {
    ContentFilter filter = filter(rule -> rule.setAttachmentName("größe\\.txt$"));
    String part =
        "Content-Disposition: attachment; filename=\"" + utf8("Größe.txt") + "\"\r\n\r\nx\r\n";
    assertThat(filter.check(mail(mixed(part))).isDecided()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "application/x-msdownload,true",
    "APPLICATION/X-MSDownload; charset=binary,true",
    "application/zip,false",
    "text/plain,false",
    "nonsense,false",
  })
  void attachmentTypes(String type, boolean matches) {
    ContentFilter filter = filter(rule -> rule.setAttachmentType("^application/x-ms"));
    assertThat(filter.check(mail(mixed(part(type, "x")))).isDecided()).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({"^message/rfc822$,true", "^multipart/alternative$,true", "^multipart/x$,false"})
  void typesOfPartsThatHoldOthers(String pattern, boolean matches) {
    String alternative =
        "Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\nx\r\n--in--\r\n";
    ContentFilter filter = filter(rule -> rule.setAttachmentType(pattern));
    String message = mixed(alternative, part("message/rfc822", "Subject: inner\r\n\r\nx"));
    assertThat(filter.check(mail(message)).isDecided()).isEqualTo(matches);
  }

  @Test
  void attachmentsOfAttachedMessages() {
    String inner = mixed(part("application/octet-stream; name=game.exe", "MZ"));
    String outer =
        "Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n"
            + part("message/rfc822", inner)
            + "--out--\r\n";
    ContentFilter names = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    assertThat(names.check(mail(outer)).isDecided()).isTrue();
    ContentFilter message = filter(rule -> rule.setAttachmentName("letter\\.eml$"));
    String named = "message/rfc822; name=letter.eml";
    assertThat(message.check(mail(mixed(part(named, "Subject: x\r\n\r\nx")))).isDecided()).isTrue();
  }

  @ParameterizedTest(name = "{index}: {0}")
  @ValueSource(
      strings = {
        // no end, no part, no boundary, a boundary that never comes, header without body
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx\r\n",
        "Content-Type: text/plain; charset=nonsense\r\n\r\nx\r\n",
        "Content-Type: text/plain; charset=\"\"\r\n\r\nx\r\n",
        "Content-Type: /\r\n\r\nx\r\n",
        "Content-Type: message/rfc822\r\n\r\n",
        "Content-Transfer-Encoding: base64\r\n\r\n!!!!====x\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=\r\n",
        "Content-Transfer-Encoding: nonsense\r\n\r\nx\r\n",
        "no header at all",
        "\r\n",
        "",
      })
  void brokenMimeIsJudgedAsFarAsItGoes(String message) {
    ContentFilter filter =
        filter(
            rule -> {
              rule.setBody("verboten");
              rule.setAttachmentName(EXECUTABLE);
            });
    Mail mail = mail(message);
    assertThat(filter.check(mail)).isSameAs(mail);
  }

  @Test
  void whatStandsBeforeTheBrokenPartCounts() {
    String message = mixed(part("application/x; name=game.exe", "MZ")).replace("--b--\r\n", "");
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    assertThat(filter.check(mail(message)).isDecided()).isTrue();
  }

  /** A sender can't hide an attachment behind many header fields or parts. */
  @Test
  void manyFieldsAndPartsHideNothing() {
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    String exe = part("application/x; name=game.exe", "MZ");
    String fields = "X: 1\r\n".repeat(10_000);
    assertThat(filter.check(mail(fields + mixed(exe))).isDecided()).isTrue();
    assertThat(filter.check(mail(mixed(fields + exe))).isDecided()).isTrue();
    String[] parts =
        Stream.concat(Stream.generate(() -> "\r\n").limit(20_000), Stream.of(exe))
            .toArray(String[]::new);
    assertThat(filter.check(mail(mixed(parts))).isDecided()).isTrue();
  }

  @Test
  void deepNestingEndsWell() {
    StringBuilder message = new StringBuilder("Subject: deep\r\n");
    for (int i = 0; i < 20_000; i++) {
      String type = "Content-Type: multipart/mixed; boundary=b" + i + "\r\n\r\n--b" + i + "\r\n";
      message.append(type);
    }
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    assertThat(filter.check(mail(message + "x\r\n")).verdict()).isEqualTo(TOO_COMPLEX);
    String messages = "Content-Type: message/rfc822\r\n\r\n";
    assertThat(filter.check(mail(messages.repeat(20_000) + "x\r\n")).verdict())
        .isEqualTo(TOO_COMPLEX);
    assertThat(filter.check(mail(messages.repeat(99) + "\r\nx\r\n")).isDecided()).isFalse();
    assertThat(filter.check(mail(messages.repeat(100) + "\r\nx\r\n")).verdict())
        .isEqualTo(TOO_COMPLEX);
  }

  @Test
  void moreNamesThanCanBeKeptAreRefused() {
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    String[] parts =
        IntStream.range(0, 9998)
            .mapToObj(n -> "Content-Type: x/x; name=" + n + "\r\n\r\n")
            .toArray(String[]::new);
    assertThat(filter.check(mail(mixed(parts))).isDecided()).isFalse();
    parts[0] = part("x/y; name=a", "x") + "--b\r\n" + part("x/z; name=b", "x");
    assertThat(filter.check(mail(mixed(parts))).verdict()).isEqualTo(TOO_COMPLEX);
  }

  @Test
  void aFieldThatIsTooLongHidesNothing() {
    ContentFilter filter = filter(rule -> rule.setAttachmentName(EXECUTABLE));
    String exe = part("application/x; name=game.exe", "MZ");
    String field = "X: " + "y".repeat(300 * 1024) + "\r\n";
    assertThat(filter.check(mail(mixed(field + exe))).verdict()).isEqualTo(TOO_COMPLEX);
  }

  @Test
  void aMebibyteOfTextIsSearched() {
    ContentFilter filter = filter(rule -> rule.setBody("verboten"));
    String line = "0123456789abcde\n";
    String almost = line.repeat(1024 * 1024 / line.length() - 1);
    assertThat(filter.check(mail("\r\n" + almost + "verboten")).isDecided()).isTrue();
    assertThat(filter.check(mail("\r\n" + almost + line + "verboten")).isDecided()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"hold,HOLD", "quarantine,QUARANTINE", "Discard,DISCARD"})
  void actionsThatPutAside(String action, Verdict.Disposition disposition) {
    ContentFilter filter =
        filter(
            rule -> {
              rule.setName("words");
              rule.setBody("verboten");
              rule.setAction(action);
            });
    assertThat(filter.check(mail("\r\nverboten")).verdict())
        .isEqualTo(new Verdict.Accept(disposition, "content rule words"));
  }

  /** Subject or not, name or not, text or not, and whether all that the rule wants is there. */
  @ParameterizedTest
  @CsvSource({
    "offer,bill.exe,click,true",
    "other,bill.exe,click,false",
    "offer,bill.txt,click,false",
    "offer,bill.exe,read,false",
    "other,bill.txt,read,false"
  })
  void allConditionsOfARuleMustHold(String subject, String name, String text, boolean matches) {
    ContentFilter filter =
        filter(
            rule -> {
              rule.setHeader("Subject");
              rule.setMatches("^offer$");
              rule.setAttachmentName(EXECUTABLE);
              rule.setBody("click");
            });
    String message =
        "Subject: "
            + subject
            + "\r\n"
            + mixed(part("text/plain", text), part("application/x; name=" + name, "MZ"));
    assertThat(filter.check(mail(message)).isDecided()).isEqualTo(matches);
  }

  @Test
  void aHeaderWithoutAPatternMustBeThereAndARuleWithoutConditionsNeverMatches() {
    ContentFilter filter = filter(rule -> rule.setHeader("X-Bulk"));
    assertThat(filter.check(mail("x-bulk:\r\n\r\n")).isDecided()).isTrue();
    assertThat(filter.check(mail("Subject: x\r\n\r\n")).isDecided()).isFalse();
    assertThat(filter(rule -> {}).check(mail("Subject: x\r\n\r\n")).isDecided()).isFalse();
  }

  @Test
  void rejectSaysWhatItIsTold() {
    ContentFilter filter =
        filter(
            rule -> {
              rule.setBody("verboten");
              rule.setReply("554 5.6.0 Not this word");
            });
    assertThat(filter.check(mail("\r\nverboten")).verdict())
        .isEqualTo(new Verdict.Reject(SmtpReply.of(554, "5.6.0", "Not this word")));
  }

  @Test
  void tagsGoOnAndTheFirstDecisionIsFinal() {
    ContentFilter filter = new ContentFilter();
    filter
        .getRules()
        .addAll(
            List.of(
                rule("one", "verboten", "tag"),
                rule("two", "nothing", "reject"),
                rule("three", "verboten", "tag"),
                rule("four", "verboten", "hold"),
                rule("five", "verboten", "reject")));
    Mail mail = filter.check(mail("Subject: x\r\n\r\nverboten\r\n"));
    assertThat(mail.disposition()).isEqualTo("hold");
    assertThat(mail.findings()).extracting(f -> f.reason()).containsExactly("one", "three");
    assertThat(new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1))
        .isEqualTo(
            "X-Caravan-Filter: three\r\nX-Caravan-Filter: one\r\n"
                + "Subject: x\r\n\r\nverboten\r\n");
  }

  @Test
  void decidedMailAndNoRulesChangeNothing() {
    Mail mail = mail("\r\nverboten");
    assertThat(new ContentFilter().check(mail)).isSameAs(mail);
    Mail held = mail.decide(new Verdict.Accept(Verdict.Disposition.HOLD, "x"));
    assertThat(filter(rule -> rule.setBody("verboten")).check(held)).isSameAs(held);
  }

  @Test
  void wrongRulesAreToldAtOnce() {
    FilterRule rule = new FilterRule();
    assertThatThrownBy(() -> rule.setName("a\r\nX: y"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> rule.setAction("explode"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> rule.setReply("450 4.7.1 Later")).hasMessageContaining("5xx");
    assertThatThrownBy(() -> rule.setBody("(")).isInstanceOf(RuntimeException.class);
  }

  /** RE2 has no expression that takes exponential time. */
  @Test
  void aPatternThatBacktracksElsewhereEnds() {
    ContentFilter filter = filter(rule -> rule.setBody("^(a+)+$"));
    assertThat(filter.check(mail("\r\n" + "a".repeat(100_000) + "!")).isDecided()).isFalse();
  }

  /** Every message of the suite is judged without an error, also when its lines end in LF. */
  @Test
  void theMessagesOfTheMimeSuite() throws Exception {
    Path suite = Path.of(System.getProperty("caravan.data", "../shared/data"), "mime-mikel");
    assumeTrue(Files.isDirectory(suite), () -> "the MIME suite is not in " + suite);
    ContentFilter all =
        filter(
            rule -> {
              rule.setAttachmentName("^never$");
              rule.setBody("^never$");
            });
    try (Stream<Path> files = Files.walk(suite)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".eml")).toList()) {
        Mail mail = mail(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        assertThat(all.check(mail)).as(file.toString()).isSameAs(mail);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "attachment_content_disposition.eml,api\\.rb$",
    "attachment_content_disposition.eml,hello\\.rb$",
    "attachment_pdf.eml,broken\\.pdf$",
    "attachment_nonascii_filename.eml,^ciële\\.txt$",
    "attachment_only_email.eml,blah\\.gz$",
    "attachment_with_base64_encoded_name.eml,This is a test\\.pdf$",
    "attachment_with_encoded_name.eml,Pitbull\\.mp3$",
    "attachment_with_quoted_filename.eml,Eelanalüüsi päring\\.jpg$",
    "attachment_message_rfc822.eml,ForwardedMessage\\.eml$",
    "attachment_message_rfc822_inline_image.eml,img\\.png$",
  })
  void namesInTheMimeSuite(String name, String pattern) throws Exception {
    Path suite = Path.of(System.getProperty("caravan.data", "../shared/data"), "mime-mikel");
    assumeTrue(Files.isDirectory(suite), () -> "the MIME suite is not in " + suite);
    byte[] octets = Files.readAllBytes(suite.resolve("attachment_emails").resolve(name));
    ContentFilter filter = filter(rule -> rule.setAttachmentName(pattern));
    Mail mail = mail(new String(octets, StandardCharsets.ISO_8859_1));
    assertThat(filter.check(mail).isDecided()).isTrue();
  }

  private static ContentFilter filter(Consumer<FilterRule> settings) {
    FilterRule rule = new FilterRule();
    settings.accept(rule);
    ContentFilter filter = new ContentFilter();
    filter.setRules(List.of(rule));
    return filter;
  }

  private static FilterRule rule(String name, String body, String action) {
    FilterRule rule = new FilterRule();
    rule.setName(name);
    rule.setBody(body);
    rule.setAction(action);
    return rule;
  }

  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String part(String type, String body) {
    return "Content-Type: " + type + "\r\n\r\n" + body + "\r\n";
  }

  /** A message of these parts. */
  private static String mixed(String... parts) {
    StringBuilder message =
        new StringBuilder("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (String part : parts) {
      message.append("--b\r\n").append(part);
    }
    return message.append("--b--\r\n").toString();
  }

  private static String encoded(String octets, String encoding) {
    byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
    if (encoding.equals("base64")) {
      return Base64.getMimeEncoder().encodeToString(bytes) + "\r\n";
    }
    if (encoding.equalsIgnoreCase("quoted-printable")) {
      StringBuilder text = new StringBuilder();
      for (byte b : bytes) {
        text.append("=%02X".formatted(b & 0xff));
      }
      return text + "\r\n";
    }
    return octets + "\r\n";
  }

  private static Mail mail(String message) {
    Instant now = Instant.ofEpochSecond(1_700_000_000);
    return new Mail(
        new MailId("01M851KCJ1X450J4"),
        Origin.smtp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), false, now),
        new Envelope(
            ReversePath.parse("a@sender.example"), List.of(EmailAddress.parse("b@dest.example"))),
        Content.of(message.getBytes(StandardCharsets.ISO_8859_1)));
  }
}
