package dev.caravan.delivery.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The authorities that we trust: those of this Java, and those of an operator's files. */
final class Authorities {
  private static final int FILE_CERTIFICATES_MAX = 1000;

  private final List<X509Certificate> more = new ArrayList<>();
  private volatile @Nullable X509ExtendedTrustManager pkix;

  /**
   * @param files with commas between; none when it is empty
   * @throws IllegalArgumentException when one of them holds no certificates
   */
  Authorities(String files) {
    for (String file : files.split(",", -1)) {
      if (!file.isBlank()) {
        more.addAll(read(Path.of(file.strip())));
      }
    }
  }

  private static List<X509Certificate> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> all = new ArrayList<>();
      for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        all.add((X509Certificate) c);
      }
      if (all.isEmpty() || all.size() > FILE_CERTIFICATES_MAX) {
        throw new IllegalArgumentException(
            file + " holds no certificate in PEM, or more than " + FILE_CERTIFICATES_MAX);
      }
      return all;
    } catch (IOException | CertificateException e) {
      throw new IllegalArgumentException(
          file + " can't be read as certificates in PEM: " + e.getMessage(), e);
    }
  }

  private static KeyStore store(X509ExtendedTrustManager standard, List<X509Certificate> more)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int n = 0;
    for (X509Certificate certificate : standard.getAcceptedIssuers()) {
      store.setCertificateEntry("java" + n++, certificate);
    }
    for (X509Certificate certificate : more) {
      store.setCertificateEntry("file" + n++, certificate);
    }
    return store;
  }

  private static X509ExtendedTrustManager manager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("no X.509 trust manager");
  }

  /**
   * For programs of this Java that check names themselves. Made when it is first asked for: Java's
   * list takes long to read, and not every gateway needs it.
   */
  X509ExtendedTrustManager manager() {
    X509ExtendedTrustManager known = pkix;
    if (known == null) {
      try {
        X509ExtendedTrustManager standard = manager(null);
        known = more.isEmpty() ? standard : manager(store(standard, more));
        pkix = known;
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException("this Java has no list of authorities", e);
      }
    }
    return known;
  }

  /**
   * Whether one of them vouches for the chain, and its first certificate is for one of the names.
   *
   * @param socket in the middle of its handshake; null when that is over
   */
  void check(PeerCheck.Pkix wanted, X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    if (chain.length == 0) {
      throw new UntrustedException(TlsResult.CERTIFICATE_NOT_TRUSTED, "no certificate");
    }
    if (socket == null) {
      manager().checkServerTrusted(chain, type);
    } else {
      manager().checkServerTrusted(chain, type, socket);
    }
    if (!CertificateNames.match(chain[0], wanted.names())) {
      throw DaneChain.mismatch(chain[0], wanted.names());
    }
  }
}
