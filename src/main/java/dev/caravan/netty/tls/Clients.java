package dev.caravan.netty.tls;

import dev.caravan.mail.ClientCertificate;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at clients' certificates. Any is let pass in the handshake, because a client that shows one
 * of another authority may still log in by password; only ours makes an identity.
 */
final class Clients extends X509ExtendedTrustManager {
  private static final Logger LOG = LoggerFactory.getLogger(Clients.class);
  private static final int EMAIL = 1;
  private static final int DNS_NAME = 2;
  private static final int NAMES_MAX = 50;

  private final X509TrustManager authority;

  private Clients(X509TrustManager authority) {
    this.authority = authority;
  }

  /**
   * @param authorities who vouches for clients
   */
  static Clients of(List<X509Certificate> authorities) throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("authority-" + i, authorities.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          return new Clients(x509);
        }
      }
    } catch (java.io.IOException e) {
      throw new GeneralSecurityException(e);
    }
    throw new GeneralSecurityException("this Java has no X.509");
  }

  /** The certificate that the client has shown, if our authority vouches for it. */
  Optional<ClientCertificate> identify(SSLSession session) {
    try {
      if (!(session.getPeerCertificates() instanceof X509Certificate[] chain)) {
        return Optional.empty();
      }
      authority.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
      return Optional.of(describe(chain[0]));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty(); // it has shown none
    } catch (GeneralSecurityException e) {
      LOG.debug("a client's certificate is not ours: {}", e.toString());
      return Optional.empty();
    }
  }

  private static ClientCertificate describe(X509Certificate certificate)
      throws GeneralSecurityException {
    List<String> names = new ArrayList<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> one : alternatives) {
        boolean wanted =
            one.getFirst() instanceof Integer kind && (kind == EMAIL || kind == DNS_NAME);
        if (wanted && one.get(1) instanceof String name && names.size() < NAMES_MAX) {
          names.add(name);
        }
      }
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    return new ClientCertificate(
        certificate.getSubjectX500Principal().getName(), names, HexFormat.of().formatHex(digest));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authority.getAcceptedIssuers();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("a server trusts no servers");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }
}
