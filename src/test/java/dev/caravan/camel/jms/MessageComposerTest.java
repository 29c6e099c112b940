package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.MailId;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.dom.TextBody;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is composed is read back by two parsers that are not ours. */
final class MessageComposerTest {
  private static final MailId ID = new MailId("01M855SD4NQ0ZJT0");
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private final MessageComposer composer = new MessageComposer("relay.example");

  static List<String> lines() {
    return List.of(
        "Hello",
        "two  spaces, and = ? _ \" \\ signs",
        "Grüße aus Köln",
        "日本語の件名",
        "😀".repeat(60),
        "é".repeat(1000),
        "word ".repeat(60) + "end",
        "x".repeat(70),
        "x".repeat(2000),
        "almost =? encoded ?=",
        "a\ttab",
        "ends in ü");
  }

  @ParameterizedTest
  @MethodSource("lines")
  void aSubjectComesBack(String subject) throws Exception {
    String text = compose(draft("Ann <a@b.example>", "c@d.example", subject, "x"));
    assertThat(parse(text).getSubject()).isEqualTo(subject);
    assertThat(jakarta(text).getSubject()).isEqualTo(subject);
    assertLines(text, subject.equals("x".repeat(70)) ? 79 : 78);
  }

  @Test
  void anEncodedSubjectStaysEncoded() throws Exception {
    String text = compose(draft("a@b.example", "c@d.example", "=?utf-8?Q?made_before?=", "x"));
    assertThat(parse(text).getSubject()).isEqualTo("made before");
  }

  @Test
  void aSubjectWithSpacesAtItsEndsComesBack() throws Exception {
    String text = compose(draft("a@b.example", "c@d.example", "  x  ", "x"));
    assertThat(parse(text).getSubject()).isEqualTo("  x  ");
  }

  static List<String> names() {
    return List.of(
        "Ann",
        "Ann B Cee",
        "Bée, Ann",
        "Jörg Müller",
        "山田太郎",
        "😀".repeat(50),
        "x, \"y\" \\ (z) <w@v>",
        "J. R. Public",
        "=?x?=",
        "Long ASCII Name ".repeat(20).strip(),
        "日".repeat(333),
        "x".repeat(1000));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aNameComesBack(String name) throws Exception {
    String quoted = '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\" <a@b.example>";
    String text = compose(draft(quoted, quoted + ", " + quoted, "x", "x"));
    Message read = parse(text);
    assertThat(read.getFrom()).extracting(Mailbox::getName).containsExactly(name);
    assertThat(read.getTo().flatten()).extracting(Mailbox::getName).containsExactly(name, name);
    InternetAddress from = (InternetAddress) jakarta(text).getFrom()[0];
    assertThat(from.getPersonal()).isEqualTo(name);
    assertThat(from.getAddress()).isEqualTo("a@b.example");
    assertLines(text, 78);
  }

  @Test
  void manyRecipientsAreFolded() throws Exception {
    String to =
        IntStream.range(0, 500)
            .mapToObj(i -> "recipient" + i + "@dest.example")
            .collect(Collectors.joining(","));
    String text = compose(draft("a@b.example", to, "x", "x"));
    assertThat(
            parse(text).getTo().flatten().stream()
                .map(Mailbox::getAddress)
                .collect(Collectors.joining(",")))
        .isEqualTo(to);
    assertLines(text, 78);
  }

  static List<String> texts() {
    return List.of(
        "",
        "x",
        "plain\r\nlines\r\n",
        ".\r\n..\r\nFrom me\r\n",
        "x".repeat(998),
        "x".repeat(999),
        "Grüße\r\n日本語 😀\r\n",
        "controls \u0001 \u001b[31m \u0000",
        "spaces at the end   \r\n\t\r\n");
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextComesBack(String text) throws Exception {
    String composed = compose(draft("a@b.example", "c@d.example", "x", text));
    Message message = parse(composed);
    String read = text(message);
    assertThat(read).isIn(text, text + "\r\n");
    assertThat(message.getCharset()).isEqualToIgnoringCase("utf-8");
    assertThat(composed).matches("(?s)[\\t\\r\\n -~]*").doesNotContainPattern("[^\r]\n");
    assertLines(composed, 998);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\r\nb"})
  void anyLineEndBecomesCrlf(String text) throws Exception {
    assertThat(text(parse(compose(draft("a@b.example", "c@d.example", "x", text)))))
        .isEqualTo("a\r\nb\r\n");
    assertThat(text(parse(compose(draft("a@b.example", "c@d.example", "x", text + "ü")))))
        .isEqualTo("a\r\nbü");
  }

  @Test
  void theOtherFieldsAreThere() throws Exception {
    Draft draft =
        new Draft(
            AddressParser.parse("from", "a@b.example, c@d.example"),
            AddressParser.parse("to", "e@f.example"),
            AddressParser.parse("cc", "g@h.example"),
            AddressParser.parse("bcc", "secret@h.example"),
            "x",
            "text/html; charset=iso-8859-1",
            "<p>x</p>",
            List.of());
    String text = compose(draft);
    Message message = parse(text);
    assertThat(message.getDate()).isEqualTo(java.util.Date.from(NOW));
    assertThat(message.getMessageId()).isEqualTo("<01M855SD4NQ0ZJT0@relay.example>");
    assertThat(message.getSender().getAddress()).isEqualTo("a@b.example");
    assertThat(message.getCc().flatten())
        .extracting(Mailbox::getAddress)
        .containsExactly("g@h.example");
    assertThat(message.getMimeType()).isEqualTo("text/html");
    assertThat(text).contains("charset=utf-8").doesNotContain("iso-8859-1", "secret", "Bcc");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.pdf", "Übersicht 2026.pdf", "a \"b\" \\ c.txt", "日本.bin", "x.eml"})
  void anAttachmentComesBack(String name) throws Exception {
    byte[] octets = new byte[3000];
    IntStream.range(0, octets.length).forEach(i -> octets[i] = (byte) i);
    String text =
        compose(
            new Draft(
                AddressParser.parse("from", "a@b.example"),
                AddressParser.parse("to", "c@d.example"),
                List.of(),
                List.of(),
                "x",
                "",
                "Grüße",
                List.of(new Attachment(name, octets), new Attachment("empty", new byte[0]))));
    List<Entity> parts = ((Multipart) parse(text).getBody()).getBodyParts();
    assertThat(parts).hasSize(3);
    assertThat(text(parts.get(0))).isEqualTo("Grüße");
    assertThat(parts.get(1).getDispositionType()).isEqualTo("attachment");
    assertThat(((SingleBody) parts.get(1).getBody()).getInputStream().readAllBytes())
        .isEqualTo(octets);
    jakarta.mail.internet.MimeMultipart multipart =
        (jakarta.mail.internet.MimeMultipart) jakarta(text).getContent();
    assertThat(multipart.getBodyPart(1).getFileName()).isEqualTo(name);
    assertLines(text, 998);
  }

  @Test
  void textHtmlPicturesAndFilesStandInTheirPlaces() throws Exception {
    Draft draft =
        JsonReader.read(
                """
                {"from": "Ann Bée <a@b.example>", "replyTo": "Täm <t@b.example>",
                 "to": "c@d.example", "subject": "Grüße",
                 "text": "plain ü", "html": "<p>rich ü <img src='cid:logo'></p>",
                 "headers": {"X-Order": "4711", "List-Unsubscribe": "<https://b.example/u?1>",
                             "X-Name": "Jörg"},
                 "attachments": [
                   {"name": "logo.png", "id": "logo", "data": "iVBORw0KGgo="},
                   {"name": "Rechnung März.pdf", "data": "JVBERi0xLjcK"},
                   {"name": "note.txt", "data": "R3LDvMOfZQ=="},
                   {"name": "latin.txt", "data": "R3L832U="},
                   {"name": "invite.ics", "type": "text/calendar; method=REQUEST",
                    "data": "QkVHSU4="}]}
                """)
            .draft();
    String text = compose(draft);
    Message message = parse(text);
    assertThat(shape(message))
        .isEqualTo(
            "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html"
                + " image/png)) application/pdf text/plain text/plain text/calendar)");
    assertThat(message.getReplyTo().flatten()).extracting(Mailbox::getName).containsExactly("Täm");
    assertThat(message.getHeader().getField("X-Order").getBody()).isEqualTo("4711");
    assertThat(jakarta(text).getHeader("List-Unsubscribe", ","))
        .isEqualTo("<https://b.example/u?1>");
    assertThat(jakarta.mail.internet.MimeUtility.decodeText(jakarta(text).getHeader("X-Name", ",")))
        .isEqualTo("Jörg");
    assertThat(text)
        .contains("Content-ID: <logo>\r\nContent-Disposition: inline;")
        .contains("multipart/related; type=\"text/html\";\r\n boundary=")
        .contains("Content-Type: text/calendar; method=REQUEST\r\n")
        .contains("Content-Type: text/plain\r\nContent-Disposition")
        .contains("filename*=utf-8''Rechnung%20M%C3%A4rz.pdf");
    assertLines(text, 78);
  }

  private static String shape(Entity entity) {
    return entity.getBody() instanceof Multipart multipart
        ? entity.getMimeType()
            + multipart.getBodyParts().stream()
                .map(MessageComposerTest::shape)
                .collect(Collectors.joining(" ", "(", ")"))
        : entity.getMimeType();
  }

  @Test
  void aTextThatLooksLikeABoundaryEndsNoPart() throws Exception {
    String text = "x\r\n--=_" + ID + "--\r\ny\r\n";
    String composed =
        compose(
            new Draft(
                AddressParser.parse("from", "a@b.example"),
                AddressParser.parse("to", "c@d.example"),
                List.of(),
                List.of(),
                "x",
                "",
                text,
                List.of(new Attachment("x.bin", new byte[1]))));
    List<Entity> parts = ((Multipart) parse(composed).getBody()).getBodyParts();
    assertThat(parts).hasSize(2);
    assertThat(text(parts.get(0))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\nBcc: evil@dest.example",
        "x\nBcc: evil@dest.example",
        "x\rBcc: evil@dest.example",
        "x\0y",
      })
  void nothingIsInjected(String value) {
    assertThatThrownBy(() -> compose(draft("a@b.example", "c@d.example", value, "x")))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("subject has a ");
    assertThatThrownBy(() -> compose(typed("text/" + value)))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("contentType has a ");
    assertThatThrownBy(
            () ->
                compose(
                    new Draft(
                        AddressParser.parse("from", "a@b.example"),
                        AddressParser.parse("to", "c@d.example"),
                        List.of(),
                        List.of(),
                        "",
                        "",
                        "",
                        List.of(new Attachment(value, new byte[1])))))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("the name of an attachment has a ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"multipart/mixed", "text", "image/png", "text/x y", "message/rfc822"})
  void onlyTextIsAContentType(String type) {
    assertThatThrownBy(() -> compose(typed(type)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(type);
  }

  @Test
  void anInternationalAddressIsUtf8() throws Exception {
    String text = compose(draft("jörg@b.example", "c@d.example", "x", "x"));
    assertThat(text).contains("From: jörg@b.example\r\n");
  }

  private static Draft typed(String type) throws RefusedException {
    return new Draft(
        AddressParser.parse("from", "a@b.example"),
        AddressParser.parse("to", "c@d.example"),
        List.of(),
        List.of(),
        "",
        type,
        "",
        List.of());
  }

  private static Draft draft(String from, String to, String subject, String text)
      throws RefusedException {
    return new Draft(
        AddressParser.parse("from", from),
        AddressParser.parse("to", to),
        List.of(),
        List.of(),
        subject,
        "",
        text,
        List.of());
  }

  private String compose(Draft draft) throws RefusedException {
    return new String(composer.compose(ID, NOW, draft).toBytes(), StandardCharsets.UTF_8);
  }

  private static Message parse(String text) throws IOException {
    DefaultMessageBuilder builder = new DefaultMessageBuilder();
    builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
    return builder.parseMessage(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static MimeMessage jakarta(String text) throws jakarta.mail.MessagingException {
    return new MimeMessage(
        Session.getInstance(new Properties()),
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(Entity entity) throws IOException {
    try (java.io.InputStream in = ((TextBody) entity.getBody()).getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void assertLines(String text, int max) {
    for (String line : text.split("\r\n", -1)) {
      assertThat(line.getBytes(StandardCharsets.UTF_8).length).as(line).isLessThanOrEqualTo(max);
    }
  }
}
