package dev.caravan.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Finding;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationResultsTest {
  private static final String REST = "Subject: x\r\nTo: b@c.example\r\n\r\nBody\r\n";

  private final AuthenticationResults results = new AuthenticationResults("mx.example");

  @Test
  void writes_what_was_found() {
    Map<String, String> dkim = new LinkedHashMap<>();
    dkim.put("header.d", "example.com");
    dkim.put("header.b", "AbC+/d==");
    Mail mail =
        mail(REST)
            .withFinding(
                new Finding("spf", "pass", "it is allowed", Map.of("smtp.mailfrom", "a@d.example")))
            .withFinding(new Finding("x-filter", "spam", "", Map.of()))
            .withFinding(new Finding("dkim", "pass", "", dkim));
    assertThat(text(results.record(mail)))
        .isEqualTo(
            "Received-SPF: pass (mx.example: it is allowed) receiver=mx.example;\r\n"
                + "\tclient-ip=192.0.2.1; envelope-from=\"a@d.example\"; helo=helo.example;\r\n"
                + "\tidentity=mailfrom\r\n"
                + "Authentication-Results: mx.example;\r\n"
                + "\tspf=pass (it is allowed) smtp.mailfrom=a@d.example;\r\n"
                + "\tdkim=pass header.d=example.com header.b=\"AbC+/d==\"\r\n"
                + REST);
  }

  @Test
  void tells_the_confirmed_name_of_the_client() {
    Mail mail = mail(REST);
    Mail named =
        new Mail(
            mail.id(),
            mail.origin().withReverseName(java.util.Optional.of("out.d.example")),
            mail.envelope(),
            mail.content());
    assertThat(text(results.record(named)))
        .isEqualTo(
            "Authentication-Results: mx.example;\r\n"
                + "\tiprev=pass (out.d.example) policy.iprev=192.0.2.1\r\n"
                + REST);
  }

  @Test
  void without_findings_and_forgeries_nothing_changes() {
    Mail mail =
        mail("Authentication-Results: other.example; spf=pass\r\n" + REST)
            .withFinding(new Finding("x-filter", "spam", "", Map.of()));
    assertThat(results.record(mail)).isSameAs(mail);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authentication-Results: mx.example; spf=pass\r\n",
        "AUTHENTICATION-RESULTS: MX.Example 1; none\r\n",
        "authentication-results : mx.example.; none\r\n",
        "Authentication-Results:\r\n (a (nested\\) ) comment)\r\n\tmx.example;\r\n spf=pass\r\n",
        "Authentication-Results: \"mx.ex\\ample\"; spf=pass\r\n",
        "Authentication-Results: mx.example/1; spf=pass\r\n",
        "Authentication-Results:mx.example(comment); spf=pass\r\n",
        "Authentication-Results: mx.example\r\n",
      })
  void takes_out_what_a_stranger_forged(String forged) {
    Mail mail = mail("X-One: \u00e9 1\r\n" + forged + "X-Two: 2\r\n" + forged + REST);
    assertThat(text(results.record(mail))).isEqualTo("X-One: \u00e9 1\r\nX-Two: 2\r\n" + REST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authentication-Results: other.example; spf=pass (mx.example)\r\n",
        "Authentication-Results: mx.example.org; spf=pass\r\n",
        "Authentication-Results: (mx.example; x) other; none\r\n",
        "X-Authentication-Results: mx.example; none\r\n",
        "Authentication-Results:\r\n",
        "Authentication-Results: (open\r\n",
        "Authentication-Results: \"mx.example\\\r\n",
      })
  void leaves_what_others_say(String field) {
    Mail mail = mail(field + REST);
    assertThat(results.record(mail)).isSameAs(mail);
  }

  @Test
  void a_relay_network_keeps_its_fields_a_user_does_not() {
    Mail inside = mail("Authentication-Results: mx.example; none\r\n" + REST, origin(true));
    Mail user =
        mail(
            "Authentication-Results: mx.example; none\r\n" + REST,
            origin(true).withHelo("h", true).withUser("someone"));
    assertThat(results.record(inside)).isSameAs(inside);
    assertThat(text(results.record(user))).isEqualTo(REST);
  }

  @Test
  void works_on_a_spool_file_and_below_our_own_trace(@TempDir Path dir) throws Exception {
    byte[] octets =
        ("Authentication-Results: mx.example; none\r\n" + REST).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(dir.resolve("m"), octets);
    Mail mail =
        mail("").withContent(Content.of(file, octets.length).prepend("Received: by us\r\n"));
    Mail recorded = results.record(mail);
    assertThat(text(recorded)).isEqualTo("Received: by us\r\n" + REST);
    assertThat(recorded.size()).isEqualTo(("Received: by us\r\n" + REST).length());
  }

  @Test
  void a_refused_mail_is_left_alone_a_quarantined_one_is_not() {
    Mail mail = mail(REST).withFinding(new Finding("spf", "fail", "", Map.of()));
    Mail refused = mail.decide(new Verdict.Reject(SmtpReply.of(550, "no")));
    Mail aside = mail.decide(new Verdict.Accept(Verdict.Disposition.QUARANTINE, ""));
    assertThat(results.record(refused)).isSameAs(refused);
    assertThat(text(results.record(aside))).contains("spf=fail");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.b+c=d@x.example|a.b+c=d@x.example",
        "x.example|x.example",
        "@x.example|@x.example",
        "``|\"\"",
        "\"a b\"@x.example|\"\\\"a b\\\"@x.example\"",
        "a@[192.0.2.1]|\"a@[192.0.2.1]\"",
        "a;dkim=pass@x|\"a;dkim=pass@x\"",
        "x; dkim=pass|\"x; dkim=pass\"",
        "back\\slash|\"back\\\\slash\"",
        "\u00fc@x.example|\"?@x.example\"",
      })
  void quotes_what_is_no_word(String value, String written) {
    Mail mail = mail(REST).withFinding(new Finding("dkim", "pass", "", Map.of("header.i", value)));
    assertThat(text(results.record(mail)))
        .isEqualTo(
            "Authentication-Results: mx.example;\r\n\tdkim=pass header.i="
                + written
                + "\r\n"
                + REST);
  }

  @Test
  void nothing_gets_out_of_its_place() {
    String evil = "x)\r\nBcc: v@w.example\r\n\r\n(\\\u0000\u0085" + "y".repeat(5000);
    Mail mail =
        mail(REST, origin(false).withHelo(evil, true))
            .withFinding(new Finding("spf", evil, evil, Map.of("smtp.helo", evil)))
            .withFinding(new Finding("dkim", "fail", evil, Map.of(evil, evil)));
    String written = text(results.record(mail));
    String fields = written.substring(0, written.indexOf(REST));
    assertThat(fields.lines()).allMatch(line -> line.length() < 998);
    assertThat(fields).matches("(?s)Received-SPF: [^\r\n]+\r\n(\t[^\r\n]+\r\n)+Auth.*");
    assertThat(fields.substring(fields.indexOf("Authentication-Results")))
        .matches("Authentication-Results: mx\\.example;(\r\n\t[^\r\n]+)+\r\n");
    String bare = fields.replaceAll("\\([^()\\\\]*\\)|\"([^\"\\\\]|\\\\.)*\"", "");
    assertThat(bare).doesNotContain("v@w", "\\", "(", ")", "\"");
  }

  private static String text(Mail mail) {
    return new String(mail.content().toBytes(), StandardCharsets.UTF_8);
  }

  private static Origin origin(boolean trusted) {
    return Origin.smtp(
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4000), trusted, Instant.EPOCH)
        .withHelo("helo.example", true);
  }

  private static Mail mail(String text) {
    return mail(text, origin(false));
  }

  private static Mail mail(String text, Origin origin) {
    return new Mail(
        new MailId("M"),
        origin,
        new Envelope(ReversePath.parse("a@d.example"), List.of(EmailAddress.parse("b@c.example"))),
        Content.of(text));
  }
}
