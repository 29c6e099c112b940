package dev.caravan.sign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Header;
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
import java.security.KeyPair;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures as an independent verifier sees them, and who gets one. */
final class DkimSignerTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
  private static final String FROM = "From: Ann <a@sender.example>\r\n";
  private static final String MESSAGE =
      FROM
          + "To: b@dest.example\r\n"
          + "Subject: two  spaces\r\n\tand a fold\r\n"
          + "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
          + "Message-ID: <1@sender.example>\r\n"
          + "\r\n"
          + "Hello  world \t\r\n\r\n\r\n";

  private static KeyPair rsa;
  private static KeyPair ed25519;

  @TempDir Path dir;
  private DkimSigner signer;

  @BeforeAll
  static void keys() throws Exception {
    rsa = Keys.rsa(2048);
    ed25519 = Keys.generate("Ed25519");
  }

  @BeforeEach
  void signer() throws Exception {
    Keys.write(dir, "sender.example", "s1", rsa.getPrivate());
    signer = new DkimSigner(new DkimKeys(dir.toString()), () -> NOW);
  }

  @Test
  void theTagsAreThoseOfTheRfc() {
    Map<String, String> tags = signed(MESSAGE).signatures().getFirst();
    assertThat(tags)
        .containsEntry("v", "1")
        .containsEntry("a", "rsa-sha256")
        .containsEntry("c", "relaxed/relaxed")
        .containsEntry("d", "sender.example")
        .containsEntry("s", "s1")
        .containsEntry("t", "1700000000")
        .containsOnlyKeys("v", "a", "c", "d", "s", "t", "bh", "h", "b");
  }

  @Test
  void oneSignatureForEachKeyAndBothVerify() throws Exception {
    Keys.write(dir, "sender.example", "s2", ed25519.getPrivate());
    Signed signed = signed(MESSAGE);
    assertThat(signed.signatures())
        .extracting(tags -> tags.get("a"))
        .containsExactly("rsa-sha256", "ed25519-sha256");
    assertThat(signed.verifies("s1", rsa.getPublic())).isTrue();
    assertThat(signed.verifies("s2", ed25519.getPublic())).isTrue();
    assertThat(signed.verifies("s1", Keys.rsa(2048).getPublic())).isFalse();
  }

  @Test
  void theRestOfTheMessageIsUntouchedAndNoLineIsLong() {
    String text = text(signer.sign(mail(MESSAGE)));
    assertThat(text).startsWith("DKIM-Signature: v=1;").endsWith("\r\n" + MESSAGE);
    assertThat(text.lines()).allMatch(line -> line.length() <= 78);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n",
        "\r\n\r\n",
        "\r\na",
        "\r\na\r\n",
        "\r\na \t\r\n \r\n\r\n",
        "\r\n\r\n\r\na",
        "\r\n a\tb\r\n",
        "Subject: \r\n\r\nx\r\n",
        "Subject:no space\r\nSUBJECT: twice\r\n\r\nx\r\n",
        "X: 1\r\nCc:\r\n \r\n c@dest.example\r\n\r\nx\r\n",
        "Subject: 8-bit \u00fc\u0080\r\n\r\n8-bit \u00ff\r\n",
        "List-Id: x\r\n"
            + "References: <a@b>\r\n"
            + "\t<c@d>\r\n"
            + "Feedback-ID: 1\r\n"
            + "Sender: x@y.example\r\n\r\n"
            + "x",
      })
  void everythingVerifies(String restOfMessage) throws Exception {
    Keys.write(dir, "sender.example", "s2", ed25519.getPrivate());
    Signed signed = signed(FROM + restOfMessage);
    assertThat(signed.verifies("s1", rsa.getPublic())).isTrue();
    assertThat(signed.verifies("s2", ed25519.getPublic())).isTrue();
  }

  @Test
  void aMessageInASpoolFile() throws Exception {
    String big = MESSAGE + "line  of text \r\n".repeat(50_000) + "\r\n";
    Path file = dir.resolve("spooled");
    Files.writeString(file, big, StandardCharsets.ISO_8859_1);
    Mail spooled = mail(Content.of(file, Files.size(file))).prepend("Received: from x by y\r\n");
    Signed signed = Signed.parse(text(signer.sign(spooled)));
    assertThat(signed.verifies("s1", rsa.getPublic())).isTrue();
    assertThat(signed.signatures().getFirst().get("bh"))
        .isEqualTo(signed(big).signatures().getFirst().get("bh"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "From: x@sender.example",
        "To: x@dest.example",
        "Cc: x@dest.example",
        "Subject: other",
        "Date: Tue, 2 Jan 2024 00:00:00 +0000",
        "Reply-To: x@evil.example",
        "Message-ID: <2@evil.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/html",
        "Content-Transfer-Encoding: base64",
      })
  void nobodyCanAddAFieldThatPeopleSee(String field) throws Exception {
    String text = text(signer.sign(mail(MESSAGE)));
    String below = text.replace("\r\n\r\nHello", "\r\n" + field + "\r\n\r\nHello");
    assertThat(Signed.parse(field + "\r\n" + text).verifies("s1", rsa.getPublic())).isFalse();
    assertThat(Signed.parse(below).verifies("s1", rsa.getPublic())).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "Hello,Hullo,false",
    "b@dest.example,c@dest.example,false",
    "a@sender.example,x@sender.example,false",
    "two  spaces,two spaces,true",
    "Subject:,SUBJECT :,true",
    "X-Trace: 1,X-Trace: 2,true",
  })
  void whatMayChangeOnTheWay(String old, String changed, boolean verifies) throws Exception {
    String text = text(signer.sign(mail("X-Trace: 1\r\n" + MESSAGE)));
    assertThat(text).contains(old);
    assertThat(Signed.parse(text.replace(old, changed)).verifies("s1", rsa.getPublic()))
        .isEqualTo(verifies);
  }

  @Test
  void fieldsAreSignedAsOftenAsTheyOccurAndOversignedOnesOnceMore() {
    String message =
        "Resent-To: c@dest.example\r\nTo: b@dest.example\r\nTo: c@dest.example\r\n"
            + "X-Other: 1\r\n"
            + "Received: from x\r\n"
            + MESSAGE;
    List<String> names =
        Arrays.asList(signed(message).signatures().getFirst().getOrDefault("h", "").split(":"));
    assertThat(names.stream().filter("from"::equals)).hasSize(2);
    assertThat(names.stream().filter("to"::equals)).hasSize(4);
    assertThat(names.stream().filter("cc"::equals)).hasSize(1);
    assertThat(names.stream().filter("resent-to"::equals)).hasSize(1);
    assertThat(names)
        .doesNotContain("x-other", "received", "return-path", "dkim-signature", "sender");
  }

  @Test
  void fieldsThatOccurTwiceAreSignedFromTheBottom() throws Exception {
    String text = text(signer.sign(mail("Subject: upper\r\n" + MESSAGE)));
    assertThat(Signed.parse(text).verifies("s1", rsa.getPublic())).isTrue();
    String swapped = text.replace("upper", "x").replace("two  spaces", "upper");
    assertThat(Signed.parse(swapped).verifies("s1", rsa.getPublic())).isFalse();
  }

  /** RFC 8463, A: the same key, header and body give the very signature that stands there. */
  @Test
  void theExampleOfRfc8463() throws Exception {
    String message =
        "From: Joe SixPack <joe@football.example.com>\r\n"
            + "To: Suzie Q <suzie@shopping.example.net>\r\n"
            + "Subject: Is dinner ready?\r\n"
            + "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
            + "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
    String body = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n\r\n";
    RelaxedBody relaxed = new RelaxedBody(MessageDigest.getInstance("SHA-256"));
    relaxed.write(body.getBytes(StandardCharsets.US_ASCII));
    String bodyHash = Base64.getEncoder().encodeToString(relaxed.hash());
    assertThat(bodyHash).isEqualTo("2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");

    StringBuilder data = new StringBuilder();
    Header.parse(message.getBytes(StandardCharsets.US_ASCII))
        .fields()
        .forEach(field -> data.append(RelaxedHeader.canonical(field)));
    data.append(
        RelaxedHeader.canonical(
            "DKIM-Signature",
            " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                + " d=football.example.com; i=@football.example.com;\r\n"
                + " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                + " subject : date : message-id : from : subject : date;\r\n"
                + " bh="
                + bodyHash
                + ";\r\n b="));
    byte[] hash =
        MessageDigest.getInstance("SHA-256")
            .digest(data.toString().getBytes(StandardCharsets.US_ASCII));
    byte[] signature =
        Crypto.ed25519(Keys.ed25519("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="), hash);
    assertThat(Base64.getEncoder().encodeToString(signature))
        .isEqualTo(
            "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
                + "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==");

    // And through the door that mail takes, with the key in a file.
    Keys.write(
        dir,
        "football.example.com",
        "brisbane",
        Keys.ed25519("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="));
    Signed signed = signed(message + "\r\n" + body);
    assertThat(signed.signatures().getFirst()).containsEntry("bh", bodyHash);
    assertThat(
            signed.verifies(
                "brisbane",
                Keys.published(
                    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")))
        .isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a@sender.example|true",
        "Ann <a@SENDER.example>|true",
        "\"x@other.example\" <a@sender.example>|true",
        "=?utf-8?q?J=C3=BCrgen_=3Cx=40other.example=3E?= <a@sender.example>|true",
        "a@sender.example (x@other.example)|true",
        "a@sender.example, b@sender.example|true",
        "a@sender.example, b@other.example|false",
        "a@mail.sender.example|false",
        "a@example|false",
        "a@xsender.example|false",
        "a@other.example|false",
        "a@[192.0.2.1]|false",
        "a@../sender.example|false",
        "a|false",
        "nobody: ;|false",
        "<>|false",
      })
  void theDomainOfTheFromFieldPicksTheKey(String from, boolean isSigned) {
    Mail mail = mail("From: " + from + "\r\n\r\nx\r\n");
    assertThat(Signed.parse(text(signer.sign(mail))).signatures()).hasSize(isSigned ? 1 : 0);
  }

  @Test
  void withoutExactlyOneFromFieldNothingIsSigned() {
    for (String message :
        List.of("Subject: x\r\n\r\nx\r\n", FROM + FROM + "\r\nx\r\n", "Sender: a@sender.example")) {
      Mail mail = mail(message);
      assertThat(signer.sign(mail)).isSameAs(mail);
    }
  }

  @Test
  void strangersAndRefusedMailAreNotSigned() throws Exception {
    Origin stranger =
        Origin.smtp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), false, NOW);
    Mail mail = mail(MESSAGE);
    Mail strange = new Mail(mail.id(), stranger, mail.envelope(), mail.content());
    assertThat(signer.sign(strange)).isSameAs(strange);
    Mail refused = mail.decide(new Verdict.Reject(SmtpReply.of(550, "5.7.1", "No")));
    assertThat(signer.sign(refused)).isSameAs(refused);
    assertThat(signer.sign(mail.decide(Verdict.ACCEPT)).header("DKIM-Signature")).isNotEmpty();
  }

  /** Unsigned it would fail DMARC for good. */
  @Test
  void aKeyThatCantBeReadDefersTheMail() throws Exception {
    Files.writeString(dir.resolve("sender.example/s2.pem"), "no key");
    Mail mail = signer.sign(mail(MESSAGE));
    assertThat(mail.verdict())
        .isEqualTo(new Verdict.Defer(SmtpReply.of(451, "4.7.5", "The mail can't be signed now")));
    assertThat(text(mail)).isEqualTo(MESSAGE);
  }

  private Signed signed(String message) {
    return Signed.parse(text(signer.sign(mail(message))));
  }

  private static String text(Mail mail) {
    return new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1);
  }

  private static Mail mail(String message) {
    return mail(Content.of(message.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Mail mail(Content content) {
    return new Mail(
        new MailId("01M851KCJ1X450J4"),
        Origin.smtp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), true, NOW),
        new Envelope(
            ReversePath.parse("a@sender.example"), List.of(EmailAddress.parse("b@dest.example"))),
        content);
  }
}
