package dev.caravan.netty.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A certificate with its chain and its key.
 *
 * @param chain the server's own certificate first
 * @param names DNS names of its subjectAltName in lower case; may begin with {@code *.}
 */
record Identity(List<X509Certificate> chain, PrivateKey key, List<String> names) {
  private static final int DNS_NAME = 2;

  /**
   * @throws GeneralSecurityException when the key does not belong to the certificate
   */
  static Identity of(List<X509Certificate> chain, PrivateKey key) throws GeneralSecurityException {
    X509Certificate own = chain.getFirst();
    prove(own, key);
    return new Identity(List.copyOf(chain), key, names(own));
  }

  private static void prove(X509Certificate own, PrivateKey key) throws GeneralSecurityException {
    String keyType = key.getAlgorithm();
    String algorithm =
        switch (keyType) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          default -> keyType;
        };
    byte[] something = {1, 2, 3};
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(something);
    byte[] signature = signer.sign();
    signer.initVerify(own.getPublicKey());
    signer.update(something);
    if (!signer.verify(signature)) {
      throw new GeneralSecurityException("the key does not belong to the certificate");
    }
  }

  private static List<String> names(X509Certificate certificate)
      throws CertificateParsingException {
    List<String> names = new ArrayList<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> one : alternatives) {
        if (one.getFirst() instanceof Integer kind
            && kind == DNS_NAME
            && one.get(1) instanceof String name) {
          names.add(name.toLowerCase(Locale.ROOT));
        }
      }
    }
    return List.copyOf(names);
  }

  /** Whether it is for this host (RFC 6125, 6.4): a star stands for one whole label. */
  boolean isFor(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    int dot = name.indexOf('.');
    return names.contains(name) || dot > 0 && names.contains("*" + name.substring(dot));
  }

  /** Whether its key can do what a cipher suite needs: {@code RSA}, {@code EC} … */
  boolean isOf(String keyType) {
    String own = key.getAlgorithm().equals("ECDSA") ? "EC" : key.getAlgorithm();
    return keyType.equals(own) || keyType.startsWith(own + "_") || keyType.equals("EdDSA");
  }
}
