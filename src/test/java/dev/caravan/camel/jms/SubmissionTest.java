package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.TextBody;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SubmissionTest {
  private static final MailId ID = new MailId("01M855SD4NQ0ZJT0");
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private final Submission submission = new Submission("relay.example", 100, 1_000_000);

  @Test
  void aTextWithPropertiesIsAMail() throws Exception {
    Mail mail =
        read(
            Map.of(
                "from", "Jörg Müller <j@sender.example>",
                "to", "b@dest.example, \"Doe, Jane\" <jane@dest.example>",
                "cc", "c@dest.example",
                "bcc", "d@dest.example, b@dest.example",
                "subject", "Grüße aus 東京 " + "und mehr ".repeat(30)),
            "Zeile 1\nZeile 2 ü\n");

    assertThat(mail.sender()).hasToString("j@sender.example");
    assertThat(mail.recipients())
        .extracting(EmailAddress::toString)
        .containsExactly("b@dest.example", "jane@dest.example", "c@dest.example", "d@dest.example");
    String raw = new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1);
    assertThat(raw).matches("(?s)[\\t\\r\\n -~]*").doesNotContain("d@dest.example");
    for (String line : raw.split("\r\n")) {
      assertThat(line.length()).isLessThanOrEqualTo(78);
    }
    Message message = parse(mail);
    assertThat(message.getSubject()).isEqualTo(("Grüße aus 東京 " + "und mehr ".repeat(30)));
    Mailbox from = message.getFrom().get(0);
    assertThat(from.getName()).isEqualTo("Jörg Müller");
    assertThat(from.getAddress()).isEqualTo("j@sender.example");
    assertThat(message.getTo().flatten().get(1).getName()).isEqualTo("Doe, Jane");
    assertThat(message.getMessageId()).isEqualTo("<01M855SD4NQ0ZJT0@relay.example>");
    assertThat(message.getDate()).isEqualTo(java.util.Date.from(NOW));
    assertThat(
            new String(
                ((TextBody) message.getBody()).getInputStream().readAllBytes(),
                StandardCharsets.UTF_8))
        .isEqualTo("Zeile 1\r\nZeile 2 ü\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a long subject ", "=?utf-8?Q?ready=20made?=", "ü", "😀 "})
  void aSubjectOfAnyLengthComesBack(String part) throws Exception {
    String subject = part.repeat(60).strip();
    Mail mail =
        read(Map.of("from", "a@s.example", "to", "b@d.example", "subject", subject), "text");
    String raw = new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1);
    for (String line : raw.split("\r\n")) {
      assertThat(line.length()).isLessThanOrEqualTo(998);
    }
    if (!part.startsWith("=?")) {
      assertThat(parse(mail).getSubject()).isEqualTo(subject);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a@s.example|b@d.example|a@s.example",
        "\"a b\"@s.example|b@d.example|\"a b\"@s.example",
        "Ann <a@s.example>|Team: b@d.example, c@d.example;|a@s.example",
        "jörg@s.example|b@d.example|jörg@s.example",
      })
  void addressesAreReadAsTheyAre(String from, String to, String sender) throws Exception {
    assertThat(read(Map.of("from", from, "to", to), "x").sender()).hasToString(sender);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "to|foo bar@d.example|to has no proper address",
        "to|b|to has no proper address",
        "to|b@d.example c@d.example|to has no proper address",
        "to|b@d.example, @|to has no proper address",
        "from|nobody|from has no proper address",
        "to|''|no recipients",
        "from|''|no sender",
        "subject|a\\r\\nBcc: x@y.example|subject has a line break",
        "to|b@d.example\\r\\nBcc: x@y.example|to has a line break",
        "from|=?utf-8?B?YQ0KWDogeQ==?= <a@s.example>|from has a line break",
        "contentType|application/pdf|contentType must be",
        "format|xml|format must be",
      })
  void whatIsWrongIsSaid(String name, String value, String reason) {
    Map<String, Object> properties =
        new LinkedHashMap<>(Map.of("from", "a@s.example", "to", "b@d.example", "subject", "x"));
    properties.put(name, value.replace("\\r", "\r").replace("\\n", "\n"));
    assertThatThrownBy(() -> read(properties, "text"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aRawMessageKeepsItsOctets() throws Exception {
    String raw = "From: a@s.example\r\nX: \t y \r\nSubject: x\r\n\r\n.\r\nü\r\n";
    Mail mail =
        read(
            Map.of("mailFrom", "bounces@s.example", "rcptTo", "b@d.example,c@d.example"),
            raw.getBytes(StandardCharsets.UTF_8));
    assertThat(mail.sender()).hasToString("bounces@s.example");
    assertThat(mail.recipients()).hasSize(2);
    String all = new String(mail.content().toBytes(), StandardCharsets.UTF_8);
    assertThat(all).startsWith("Received: ").endsWith(raw);
  }

  @Test
  void withoutAnEnvelopeTheFieldsTellAndBccDisappears() throws Exception {
    Mail mail =
        submission.read(
            ID,
            NOW,
            Map.of(),
            "From: Ann <a@s.example>\nTo: b@d.example\nBcc: c@d.example\n\nText\n",
            Optional.empty());
    assertThat(mail.sender()).hasToString("a@s.example");
    assertThat(mail.recipients())
        .extracting(EmailAddress::toString)
        .containsExactly("b@d.example", "c@d.example");
    assertThat(new String(mail.content().toBytes(), StandardCharsets.UTF_8))
        .doesNotContain("c@d.example")
        .endsWith("From: Ann <a@s.example>\r\nTo: b@d.example\r\n\r\nText\r\n");
  }

  @Test
  void limitsAreKept() {
    String many = String.join(",", addresses(101));
    assertThatThrownBy(() -> read(Map.of("from", "a@s.example", "to", many), "x"))
        .hasMessageContaining("more than 100 recipients");
    assertThatThrownBy(
            () -> read(Map.of("from", "a@s.example", "to", "b@d.example"), "x".repeat(1_000_000)))
        .hasMessageContaining("size limit");
  }

  private static List<String> addresses(int count) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(i -> "r" + i + "@d.example")
        .toList();
  }

  private Mail read(Map<String, Object> properties, Object body) throws RefusedException {
    return submission.read(ID, NOW, properties, body, Optional.empty());
  }

  private static Message parse(Mail mail) throws Exception {
    return new DefaultMessageBuilder()
        .parseMessage(new ByteArrayInputStream(mail.content().toBytes()));
  }
}
