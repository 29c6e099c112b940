package dev.caravan.delivery.tls;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS to the next hop, with the look at the certificate that is asked for. Thread-safe. */
public final class TlsClient {
  private static final int CONTEXTS_MAX = 1000;

  private final Authorities authorities;

  /**
   * One context for each check: a session is resumed without a look at the certificate, so it must
   * not be taken for one with another check.
   */
  private final LoadingCache<PeerCheck, SSLContext> contexts =
      Caffeine.newBuilder()
          .maximumSize(CONTEXTS_MAX)
          .executor(Runnable::run)
          .build(check -> context(trust(check)));

  /**
   * With more authorities than those of this Java.
   *
   * @param trust PEM files with commas between; empty = only those of this Java
   * @throws IllegalArgumentException when a file holds no certificates
   */
  public TlsClient(String trust) {
    authorities = new Authorities(trust);
  }

  /** With the authorities of this Java. */
  public TlsClient() {
    this("");
  }

  /**
   * Encrypts a connected socket; returns after the handshake.
   *
   * @param name what the server is called
   * @throws IOException when it fails; {@link TlsTrouble#of} tells why
   */
  public SSLSocket encrypt(Socket socket, String name, int port, PeerCheck check)
      throws IOException {
    SSLSocket encrypted =
        (SSLSocket) contexts.get(check).getSocketFactory().createSocket(socket, name, port, true);
    SSLParameters parameters = encrypted.getSSLParameters();
    if (name.matches("[A-Za-z0-9.-]*[A-Za-z][A-Za-z0-9.-]*")) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    // Whatever else this Java may be told to allow for old devices that send to us.
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    encrypted.setSSLParameters(parameters);
    encrypted.startHandshake();
    return encrypted;
  }

  /** What this check would have said of a connection that was made without it. */
  public Optional<TlsTrouble> audit(SSLSocket socket, PeerCheck check) {
    try {
      X509Certificate[] chain =
          Arrays.stream(socket.getSession().getPeerCertificates())
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
      check(check, chain, "UNKNOWN", null);
      return Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.of(TlsTrouble.of(e));
    } catch (CertificateException e) {
      return Optional.of(TlsTrouble.of(e));
    }
  }

  /** For HTTPS: the authorities, without a look at names. */
  SSLContext pkix() {
    return context(authorities.manager());
  }

  private void check(PeerCheck check, X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    switch (check) {
      case PeerCheck.Anybody a -> {
        // whoever it is
      }
      case PeerCheck.Pkix pkix -> authorities.check(pkix, chain, type, socket);
      case PeerCheck.Dane dane -> DaneChain.check(dane, chain);
    }
  }

  private X509ExtendedTrustManager trust(PeerCheck check) {
    return new Trust(check);
  }

  private static SSLContext context(TrustManager trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  private final class Trust extends X509ExtendedTrustManager {
    private final PeerCheck check;

    Trust(PeerCheck check) {
      this.check = check;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(check, chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(check, chain, type, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(check, chain, type, null);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("we are no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("we are no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("we are no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
