package dev.caravan.flow;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates for tests, as PEM files. */
public record Certificates(X509Certificate certificate, KeyPair keys) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** For a server or client of this name; signed by itself without an issuer. */
  public static Certificates of(String name, Optional<Certificates> issuer) throws Exception {
    return of(List.of(name), Duration.ofDays(30), issuer);
  }

  /**
   * For a server of these names.
   *
   * @param left how long it is still valid; negative = it has expired
   */
  public static Certificates of(List<String> names, Duration left, Optional<Certificates> issuer)
      throws Exception {
    return of(names, names, left, issuer);
  }

  private static Certificates of(
      List<String> common, List<String> names, Duration left, Optional<Certificates> issuer)
      throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    X500Name subject = new X500Name("CN=" + common.getFirst());
    X500Name issuedBy =
        issuer
            .map(i -> X500Name.getInstance(i.certificate.getSubjectX500Principal().getEncoded()))
            .orElse(subject);
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuedBy,
            new BigInteger(64, RANDOM),
            Date.from(now.minus(Duration.ofDays(100))),
            Date.from(now.plus(left)),
            subject,
            keys.getPublic());
    if (!names.isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              names.stream()
                  .map(n -> new GeneralName(GeneralName.dNSName, n))
                  .toArray(GeneralName[]::new)));
    }
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer.isEmpty()));
    return new Certificates(
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(
                    new JcaContentSignerBuilder("SHA256withRSA")
                        .build(issuer.map(i -> i.keys).orElse(keys).getPrivate()))),
        keys);
  }

  /** Signed by itself, with a common name only. */
  public static Certificates withoutNames(String name) throws Exception {
    return of(List.of(name), List.of(), Duration.ofDays(30), Optional.empty());
  }

  /** What a server has that shows this certificate, with these behind it. */
  public SSLContext serving(Certificates... chain) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "key",
        keys.getPrivate(),
        new char[0],
        Stream.concat(Stream.of(this), Stream.of(chain))
            .map(Certificates::certificate)
            .toArray(X509Certificate[]::new));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  /** Writes {@code name.crt} and {@code name.key}. */
  public void write(Path dir, String name) throws IOException {
    Files.writeString(dir.resolve(name + ".crt"), pem(certificate));
    Files.writeString(dir.resolve(name + ".key"), pem(keys.getPrivate()));
  }

  /** What a client has that trusts this certificate only. */
  public SSLContext trusting() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("server", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
