package dev.caravan.delivery.tls;

import dev.caravan.dns.Resolver.Tlsa;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x509.Certificate;

/** TLSA records as mail uses them (RFC 7672, 3.1). */
final class DaneRecords {
  /** The server's own certificate or key. */
  static final int END_ENTITY = 3;

  /** An authority's. */
  static final int TRUST_ANCHOR = 2;

  static final int WHOLE_CERTIFICATE = 0;
  static final int PUBLIC_KEY = 1;
  static final int EXACT = 0;
  private static final int SHA_256 = 1;
  private static final int SHA_512 = 2;
  private static final int SHA_256_DIGITS = 64;
  private static final int SHA_512_DIGITS = 128;

  private DaneRecords() {}

  /**
   * Those that can prove something: usages 2 and 3 (RFC 7672, 3.1.3), known selectors and matching
   * types, whole digests; of several digests of one thing only the strongest (RFC 7671, 9).
   */
  static List<Tlsa> usable(List<Tlsa> records) {
    List<Tlsa> known = records.stream().filter(DaneRecords::isUsable).distinct().toList();
    return known.stream()
        .filter(
            r ->
                r.matching() != SHA_256
                    || known.stream()
                        .noneMatch(
                            other ->
                                other.usage() == r.usage()
                                    && other.selector() == r.selector()
                                    && other.matching() == SHA_512))
        .toList();
  }

  private static boolean isUsable(Tlsa r) {
    return (r.usage() == TRUST_ANCHOR || r.usage() == END_ENTITY)
        && (r.selector() == WHOLE_CERTIFICATE || r.selector() == PUBLIC_KEY)
        && switch (r.matching()) {
          case EXACT -> !r.data().isEmpty();
          case SHA_256 -> r.data().length() == SHA_256_DIGITS;
          case SHA_512 -> r.data().length() == SHA_512_DIGITS;
          default -> false;
        };
  }

  /** Whether the record describes this certificate. */
  static boolean describes(Tlsa record, X509Certificate certificate) {
    try {
      byte[] selected = selected(record.selector(), certificate);
      byte[] presented =
          switch (record.matching()) {
            case EXACT -> selected;
            case SHA_256 -> MessageDigest.getInstance("SHA-256").digest(selected);
            case SHA_512 -> MessageDigest.getInstance("SHA-512").digest(selected);
            default -> new byte[0];
          };
      return presented.length > 0
          && MessageDigest.isEqual(presented, HexFormat.of().parseHex(record.data()));
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      return false;
    }
  }

  /** The certificate, or its key as the certificate itself encodes it. */
  private static byte[] selected(int selector, X509Certificate certificate)
      throws GeneralSecurityException, IOException {
    return selector == WHOLE_CERTIFICATE
        ? certificate.getEncoded()
        : Certificate.getInstance(certificate.getEncoded())
            .getSubjectPublicKeyInfo()
            .getEncoded("DER");
  }
}
