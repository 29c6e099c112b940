package dev.caravan.delivery.tls;

import dev.caravan.dns.Resolver.Tlsa;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Whether a chain proves what TLSA records say (RFC 7671, 5). A described server certificate or key
 * is enough: its names and dates do not count. Of a described authority the chain must be valid and
 * its first certificate for one of the names.
 */
final class DaneChain {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";
  private static final int CHAIN_MAX = 20;

  private DaneChain() {}

  /**
   * Returns when it does.
   *
   * @throws CertificateException with the reason
   */
  static void check(PeerCheck.Dane dane, X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || chain.length > CHAIN_MAX) {
      throw new UntrustedException(TlsResult.VALIDATION_FAILURE, "no chain, or too long a chain");
    }
    X509Certificate server = chain[0];
    boolean itself =
        dane.records().stream()
            .filter(r -> r.usage() == DaneRecords.END_ENTITY)
            .anyMatch(r -> DaneRecords.describes(r, server));
    if (itself) {
      return;
    }
    Optional<CertificateException> reason = Optional.empty();
    for (Tlsa record : dane.records()) {
      if (record.usage() != DaneRecords.TRUST_ANCHOR) {
        continue;
      }
      Optional<TrustAnchor> anchor = anchor(record, chain);
      if (anchor.isPresent()) {
        try {
          path(anchor.get(), chain);
          named(dane, server);
          return;
        } catch (CertificateException e) {
          reason = Optional.of(e);
        }
      }
    }
    throw reason.orElseGet(
        () ->
            new UntrustedException(
                TlsResult.VALIDATION_FAILURE, "no TLSA record matches its certificate"));
  }

  /** The authority in the chain; or, where the record holds it whole, from there. */
  private static Optional<TrustAnchor> anchor(Tlsa record, X509Certificate[] chain) {
    for (int i = 1; i < chain.length; i++) {
      if (DaneRecords.describes(record, chain[i])) {
        return Optional.of(new TrustAnchor(chain[i], null));
      }
    }
    if (record.matching() != DaneRecords.EXACT) {
      return Optional.empty();
    }
    try {
      byte[] whole = HexFormat.of().parseHex(record.data());
      if (record.selector() == DaneRecords.WHOLE_CERTIFICATE) {
        return Optional.of(
            new TrustAnchor(
                (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(whole)),
                null));
      }
      return Optional.of(
          new TrustAnchor(chain[chain.length - 1].getIssuerX500Principal(), key(whole), null));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static PublicKey key(byte[] info) throws GeneralSecurityException {
    String algorithm = SubjectPublicKeyInfo.getInstance(info).getAlgorithm().getAlgorithm().getId();
    return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(info));
  }

  private static void path(TrustAnchor anchor, X509Certificate[] chain)
      throws CertificateException {
    chain[0].checkValidity(); // the builder would not tell this reason
    try {
      X509CertSelector server = new X509CertSelector();
      server.setCertificate(chain[0]);
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(Set.of(anchor), server);
      parameters.setRevocationEnabled(false);
      parameters.setMaxPathLength(CHAIN_MAX);
      parameters.addCertStore(
          CertStore.getInstance(
              "Collection", new CollectionCertStoreParameters(Arrays.asList(chain))));
      CertPathBuilder.getInstance("PKIX").build(parameters);
    } catch (GeneralSecurityException e) {
      throw new CertificateException(
          "the chain does not lead to the authority that a TLSA record names: " + e.getMessage(),
          e);
    }
    List<String> purposes = chain[0].getExtendedKeyUsage();
    if (purposes != null && !purposes.contains(SERVER_AUTH) && !purposes.contains(ANY_PURPOSE)) {
      throw new UntrustedException(
          TlsResult.CERTIFICATE_NOT_TRUSTED, "its certificate is for no server");
    }
  }

  private static void named(PeerCheck.Dane dane, X509Certificate server)
      throws CertificateException {
    if (!CertificateNames.match(server, dane.names())) {
      throw mismatch(server, dane.names());
    }
  }

  static UntrustedException mismatch(X509Certificate server, List<String> names) {
    return new UntrustedException(
        TlsResult.CERTIFICATE_HOST_MISMATCH,
        "its certificate is for "
            + CertificateNames.hosts(server)
            + ", not for "
            + String.join(" or ", names));
  }
}
