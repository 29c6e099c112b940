package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Encryption in each mode, with a certificate that nobody vouches for; and passwords. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsAndLoginTest {
  private static final String OFFER = "S 220 hello\nC EHLO\nS 250-remote\nS 250 STARTTLS\n";
  private static final String ONE =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
  private static final String CLEAR = "S 220 hello\nC EHLO\nS 250 remote\n" + ONE;
  private static final String BEGIN = "C STARTTLS\nS 220 go on\n";
  private static final String ENCRYPTED = OFFER + BEGIN + "TLS\nC EHLO\nS 250 remote\n" + ONE;

  private SSLContext selfSigned = new NoContext();

  private static final class NoContext extends SSLContext {
    NoContext() {
      super(null, null, "none");
    }
  }

  @BeforeAll
  void makeCertificate() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair keys = generator.generateKeyPair();
    X500Principal name = new X500Principal("CN=remote.example");
    Instant now = Instant.now();
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(Duration.ofDays(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        name,
                        keys.getPublic())
                    .build(
                        new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("key", keys.getPrivate(), new char[0], new Certificate[] {certificate});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    selfSigned = SSLContext.getInstance("TLS");
    selfSigned.init(managers.getKeyManagers(), null, null);
  }

  static Stream<Arguments> modes() {
    String no = "x deferred 451 4.7.";
    return Stream.of(
        arguments(TlsMode.NONE, OFFER + ONE, "x delivered", false),
        arguments(TlsMode.OPPORTUNISTIC, ENCRYPTED, "x delivered", true),
        arguments(TlsMode.OPPORTUNISTIC, CLEAR, "x delivered", false),
        arguments(
            TlsMode.OPPORTUNISTIC,
            OFFER + "C STARTTLS\nS 454 not now\n" + ONE,
            "x delivered",
            false),
        arguments(TlsMode.REQUIRED, ENCRYPTED, "x delivered", true),
        arguments(TlsMode.REQUIRED, CLEAR, no + "4 ", false),
        arguments(
            TlsMode.REQUIRED, OFFER + "C STARTTLS\nS 454 no\n", "x deferred 451 4.3.2 ", false),
        arguments(TlsMode.REQUIRED, OFFER + BEGIN + "BREAK\nR", no + "5 ", false),
        arguments(TlsMode.VERIFIED, OFFER + BEGIN + "TLS\nR", no + "5 ", false),
        arguments(TlsMode.VERIFIED, CLEAR, no + "4 ", false),
        arguments(TlsMode.IMPLICIT, "TLS\n" + CLEAR, no + "5 ", false));
  }

  @ParameterizedTest
  @MethodSource
  void modes(TlsMode mode, String script, String ending, boolean encrypted) throws Exception {
    try (ScriptedServer server = ScriptedServer.startWithTls(selfSigned, script)) {
      Attempt attempt =
          Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(server, mode));
      assertThat(endings(attempt).getFirst()).startsWith(ending);
      assertThat(attempt.tls().startsWith("TLSv1.")).isEqualTo(encrypted);
      assertThat(server.heard().contains("(TLS)")).isEqualTo(encrypted);
    }
  }

  @Test
  void aHandshakeThatFailsIsFollowedByClearTextWhereTlsIsOnlyAnOpportunity() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(OFFER + BEGIN + "BREAK\nR", OFFER + ONE)) {
      Attempt attempt =
          Deliveries.send(
              mail("x@dest.example"), Deliveries.OPTIONS, hop(server, TlsMode.OPPORTUNISTIC));
      assertThat(endings(attempt)).containsExactly("x delivered 250 taken");
      assertThat(attempt.tls()).isEmpty();
    }
  }

  /** What a stranger put into the clear text must not count as said under TLS (RFC 3207, 6). */
  @Test
  void whatWasSaidBeforeTheHandshakeIsForgotten() throws Exception {
    String script =
        "S 220 hello\nC EHLO\nS 250-remote\nS 250-SIZE 1\nS 250 STARTTLS\n"
            + BEGIN
            + "TLS\nC EHLO\nS 250 remote\n"
            + ONE;
    try (ScriptedServer server = ScriptedServer.startWithTls(selfSigned, script)) {
      Attempt attempt =
          Deliveries.send(
              mail("x@dest.example"), Deliveries.OPTIONS, hop(server, TlsMode.OPPORTUNISTIC));
      assertThat(endings(attempt)).containsExactly("x delivered 250 taken");
      assertThat(server.heard()).contains("MAIL FROM:<a@sender.example>");
    }
  }
}
