package dev.caravan.delivery;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS to the next hop, with or without a look at the certificate. */
final class Tls {
  private static final SSLContext VERIFYING = context();
  private static final SSLContext ANYBODY = context(new Anybody());

  private Tls() {}

  /** Encrypts a connected socket; returns after the handshake. */
  static SSLSocket wrap(Socket socket, Hop hop, boolean verify) throws IOException {
    SSLSocket encrypted =
        (SSLSocket)
            (verify ? VERIFYING : ANYBODY)
                .getSocketFactory()
                .createSocket(socket, hop.host(), hop.port(), true);
    SSLParameters parameters = encrypted.getSSLParameters();
    if (hop.host().matches("[A-Za-z0-9.-]*[A-Za-z][A-Za-z0-9.-]*")) {
      parameters.setServerNames(List.of(new SNIHostName(hop.host())));
    }
    if (verify) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    // Whatever else this Java may be told to allow for old devices that send to us.
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    encrypted.setSSLParameters(parameters);
    encrypted.startHandshake();
    return encrypted;
  }

  static String describe(SSLSocket socket) {
    return socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
  }

  private static SSLContext context(TrustManager... trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.length == 0 ? null : trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /** Opportunistic encryption protects against listeners, not against impostors (RFC 7435). */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
