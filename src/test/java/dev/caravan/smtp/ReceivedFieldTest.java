package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.ClientCertificate;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.MailOptions.Body;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.TlsFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5321, 4.4. */
final class ReceivedFieldTest {
  private static final TlsFacts TLS = new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256");
  private static final MailOptions PLAIN = MailOptions.of(Body.EIGHT_BIT_MIME, false);
  private static final MailId ID =
      MailId.next(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), new Random(1));

  private static Origin client(String address) {
    return Origin.smtp(
        new InetSocketAddress(InetAddress.ofLiteral(address), 1), false, Instant.EPOCH);
  }

  private static String field(Origin origin, MailOptions options, String... recipients) {
    List<EmailAddress> all = List.of(recipients).stream().map(EmailAddress::parse).toList();
    return ReceivedField.of(
        "relay.example", ID, origin, new Envelope(ReversePath.NULL, all, options, Map.of()));
  }

  @Test
  void says() {
    Origin origin =
        client("192.0.2.1")
            .withTls(TLS, false)
            .withHelo("client.example", true)
            .withReverseName(Optional.of("mx.client.example"));
    assertThat(field(origin, PLAIN.withPriority(-3), "c@d.example"))
        .isEqualTo(
            "Received: from client.example (mx.client.example [192.0.2.1])\r\n"
                + "\tby relay.example (Caravan) with ESMTPS (TLSv1.3:TLS_AES_128_GCM_SHA256)\r\n"
                + "\tid "
                + ID
                + " for <c@d.example> tls TLS_AES_128_GCM_SHA256 priority -3;\r\n"
                + "\tThu, 1 Jan 1970 00:00:00 +0000\r\n");
  }

  /** RFC 3848; RFC 6531, 4.3. */
  @ParameterizedTest
  @CsvSource({
    "HELO, -,   -,    7BIT, SMTP",
    "EHLO, -,   -,    7BIT, ESMTP",
    "EHLO, TLS, -,    7BIT, ESMTPS",
    "EHLO, -,   AUTH, 7BIT, ESMTPA",
    "EHLO, TLS, AUTH, 7BIT, ESMTPSA",
    "EHLO, -,   -,    UTF8, UTF8SMTP",
    "EHLO, TLS, -,    UTF8, UTF8SMTPS",
    "EHLO, -,   AUTH, UTF8, UTF8SMTPA",
    "EHLO, TLS, AUTH, UTF8, UTF8SMTPSA"
  })
  void theProtocol(String greeting, String tls, String auth, String utf8, String with) {
    Origin origin = client("192.0.2.1");
    origin = tls.equals("TLS") ? origin.withTls(TLS, false) : origin;
    origin = origin.withHelo("x.example", greeting.equals("EHLO"));
    origin = auth.equals("AUTH") ? origin.withUser("jo") : origin;
    MailOptions options = utf8.equals("UTF8") ? PLAIN.withSmtpUtf8() : PLAIN;
    assertThat(field(origin, options, "c@d.example")).containsPattern(" with " + with + "[ \r]");
  }

  @Test
  void whatAClientSaysCannotBreakOut() {
    Origin origin = client("2001:db8::1").withHelo("a)\r\nX: y (ü", true);
    assertThat(field(origin, PLAIN, "c@d.example", "e@d.example"))
        .startsWith("Received: from a???X:?y??? ([IPv6:2001:db8:0:0:0:0:0:1])\r\n\tby ")
        .doesNotContain(" for ");
    TlsFacts known =
        new TlsFacts(
            "TLSv1.2",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            Optional.empty(),
            Optional.of(new ClientCertificate("CN=printer (3)\r\n,O=Office", List.of(), "00")),
            Optional.empty(),
            Optional.empty());
    assertThat(field(client("192.0.2.1").withTls(known, true), PLAIN, "c@d.example"))
        .contains("SHA256, client CN=printer ?3???,O=Office)\r\n\tid ");
  }
}
