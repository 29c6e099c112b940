package dev.caravan.delivery;

import java.net.InetAddress;
import java.util.Optional;

/**
 * One server to try, and how.
 *
 * @param host its name, for TLS and for people
 * @param login user and password; empty = no AUTH
 */
record Hop(String host, InetAddress address, int port, TlsMode tls, Optional<Login> login) {
  record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  /** The same server over TLS with a valid certificate only. */
  Hop verified() {
    return tls == TlsMode.IMPLICIT ? this : new Hop(host, address, port, TlsMode.VERIFIED, login);
  }

  /** {@code host[address]:port}. */
  @Override
  public String toString() {
    return host + "[" + address.getHostAddress() + "]:" + port;
  }
}
