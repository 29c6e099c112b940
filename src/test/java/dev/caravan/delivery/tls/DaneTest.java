package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.dns.CachingResolver;
import dev.caravan.dns.FakeDnsServer;
import dev.caravan.dns.Resolver.Tlsa;
import dev.caravan.flow.Certificates;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 6698, 7671, 7672: which records count, where they are looked for, what they prove. */
final class DaneTest {
  private static final String D256 = "ab".repeat(32);
  private static final String D512 = "cd".repeat(64);

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1, 64, false",
    "1, 1, 1, 64, false",
    "2, 0, 1, 64, true",
    "3, 1, 1, 64, true",
    "3, 0, 2, 128, true",
    "3, 1, 0, 10, true",
    "3, 1, 0, 0, false",
    "3, 1, 1, 62, false",
    "3, 1, 2, 64, false",
    "3, 2, 1, 64, false",
    "3, 1, 3, 64, false",
    "4, 1, 1, 64, false",
    "255, 1, 1, 64, false",
  })
  void whatCanBeUsed(int usage, int selector, int matching, int digits, boolean usable) {
    Tlsa record = new Tlsa(usage, selector, matching, "a".repeat(digits));
    assertThat(DaneRecords.usable(List.of(record))).hasSize(usable ? 1 : 0);
  }

  /** RFC 7671, 9. */
  @Test
  void ofSeveralDigestsTheStrongestCounts() {
    Tlsa weak = new Tlsa(3, 1, 1, D256);
    Tlsa strong = new Tlsa(3, 1, 2, D512);
    Tlsa other = new Tlsa(3, 0, 1, D256);
    assertThat(DaneRecords.usable(List.of(weak, strong, other))).containsExactly(strong, other);
  }

  @Test
  void whatChainsProve() throws Exception {
    Certificates root = Certificates.of("root.example", Optional.empty());
    Certificates leaf =
        Certificates.of(List.of("mx.example"), Duration.ofDays(9), Optional.of(root));
    Certificates old =
        Certificates.of(List.of("mx.example"), Duration.ofDays(-9), Optional.of(root));
    Certificates stranger = Certificates.of("root.example", Optional.empty());

    proves("3 0 0", leaf, leaf);
    proves("3 1 0", leaf, leaf);
    proves("3 0 1", leaf, leaf);
    proves("3 1 1", leaf, leaf);
    proves("3 0 2", leaf, leaf);
    proves("3 1 2", leaf, leaf);
    proves("3 1 1", old, old);
    proves("2 0 1", root, leaf, root);
    proves("2 1 2", root, leaf, root);
    proves("2 0 0", root, leaf, root);
    // whole in the record, so the server need not send it (RFC 7671, 5.2.1)
    proves("2 0 0", root, leaf);
    proves("2 1 0", root, leaf);

    assertThat(refusal("3 1 1", root, "mx.example", leaf, root))
        .isEqualTo(TlsResult.VALIDATION_FAILURE);
    assertThat(refusal("2 1 1", leaf, "mx.example", leaf, root))
        .isEqualTo(TlsResult.VALIDATION_FAILURE);
    assertThat(refusal("2 0 1", root, "mx.example", leaf)).isEqualTo(TlsResult.VALIDATION_FAILURE);
    assertThat(refusal("2 0 1", root, "mx.example", old, root))
        .isEqualTo(TlsResult.CERTIFICATE_EXPIRED);
    assertThat(refusal("2 0 1", root, "other.example", leaf, root))
        .isEqualTo(TlsResult.CERTIFICATE_HOST_MISMATCH);
    // the described authority is sent, but has not signed the certificate
    assertThat(refusal("2 0 1", stranger, "mx.example", leaf, stranger))
        .isEqualTo(TlsResult.CERTIFICATE_NOT_TRUSTED);
    assertThat(refusal("2 1 0", stranger, "mx.example", leaf))
        .isEqualTo(TlsResult.CERTIFICATE_NOT_TRUSTED);
    assertThat(refusal("2 0 0", stranger, "mx.example", leaf))
        .isEqualTo(TlsResult.CERTIFICATE_NOT_TRUSTED);
  }

  private static void proves(String kind, Certificates described, Certificates... chain)
      throws Exception {
    PeerCheck.Dane dane =
        new PeerCheck.Dane(List.of(record(kind, described)), List.of("mx.example"));
    assertThatCode(() -> DaneChain.check(dane, array(chain))).as(kind).doesNotThrowAnyException();
  }

  private static TlsResult refusal(
      String kind, Certificates described, String name, Certificates... chain) throws Exception {
    PeerCheck.Dane dane = new PeerCheck.Dane(List.of(record(kind, described)), List.of(name));
    Throwable thrown = catchThrowable(() -> DaneChain.check(dane, array(chain)));
    assertThat(thrown).as(kind).isInstanceOf(CertificateException.class);
    return TlsTrouble.of((CertificateException) thrown).result();
  }

  private static X509Certificate[] array(Certificates... chain) {
    return Arrays.stream(chain).map(Certificates::certificate).toArray(X509Certificate[]::new);
  }

  private static Tlsa record(String kind, Certificates of) throws Exception {
    int usage = kind.charAt(0) - '0';
    int selector = kind.charAt(2) - '0';
    int matching = kind.charAt(4) - '0';
    byte[] octets =
        selector == 0
            ? of.certificate().getEncoded()
            : of.certificate().getPublicKey().getEncoded();
    byte[] data =
        switch (matching) {
          case 1 -> MessageDigest.getInstance("SHA-256").digest(octets);
          case 2 -> MessageDigest.getInstance("SHA-512").digest(octets);
          default -> octets;
        };
    return new Tlsa(usage, selector, matching, HexFormat.of().formatHex(data));
  }

  /** RFC 7672, 2.2.2: aliases. */
  @ParameterizedTest
  @CsvSource({
    // records at,     insecure,      found at
    "target.example,   '',            target.example",
    "mx.example,       '',            mx.example",
    "'',               '',            none",
    "target.example,   target.example, none",
    "mx.example,       target.example, mx.example",
    "mx.example,       mx.example,    none",
    "both,             '',            target.example",
  })
  void anAliasIsFollowed(String at, String insecure, String found) {
    try (FakeDnsServer dns = FakeDnsServer.start().validating()) {
      dns.cname("mx.example", "target.example").a("target.example", "192.0.2.1");
      if (!insecure.isEmpty()) {
        dns.insecure(insecure);
      }
      for (String name :
          at.equals("both") ? List.of("mx.example", "target.example") : List.of(at)) {
        if (!name.isEmpty()) {
          dns.tlsa("_25._tcp." + name, 3, 1, 1, D256);
        }
      }
      DaneLookup lookup = new DaneLookup(new CachingResolver(dns.address()), 25);
      DaneLookup.Result result = lookup.find("mx.example");
      assertThat(result instanceof DaneLookup.Result.Records r ? r.base() : "none")
          .isEqualTo(found);
    }
  }

  @Test
  void aFailureIsNoAbsence() {
    try (FakeDnsServer dns = FakeDnsServer.start().validating()) {
      dns.a("mx.example", "192.0.2.1").servfail("_25._tcp.mx.example");
      DaneLookup lookup = new DaneLookup(new CachingResolver(dns.address()), 25);
      assertThat(lookup.find("mx.example")).isInstanceOf(DaneLookup.Result.Failed.class);
    }
  }
}
