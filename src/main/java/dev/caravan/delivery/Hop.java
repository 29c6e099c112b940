package dev.caravan.delivery;

import dev.caravan.delivery.auth.Credentials;
import java.net.InetAddress;
import java.util.Optional;

/**
 * One server to try, and how.
 *
 * @param host its name, for TLS and for people
 * @param login who we are there; empty = no AUTH
 * @param source where the connection starts
 */
record Hop(
    String host,
    InetAddress address,
    int port,
    TlsMode tls,
    Optional<Credentials> login,
    Source source) {
  /** From any address of ours. */
  Hop(String host, InetAddress address, int port, TlsMode tls, Optional<Credentials> login) {
    this(host, address, port, tls, login, Source.ANY);
  }

  /** The same server over TLS with a valid certificate only. */
  Hop verified() {
    return tls == TlsMode.IMPLICIT
        ? this
        : new Hop(host, address, port, TlsMode.VERIFIED, login, source);
  }

  /** The same server, seen from there. */
  Hop from(Source other) {
    return new Hop(host, address, port, tls, login, other);
  }

  /** {@code host[address]:port}. */
  @Override
  public String toString() {
    return host + "[" + address.getHostAddress() + "]:" + port;
  }
}
