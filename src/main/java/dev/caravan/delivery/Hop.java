package dev.caravan.delivery;

import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.tls.Expected;
import dev.caravan.delivery.tls.PeerCheck;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One server to try, and how.
 *
 * @param host its name, for TLS and for people
 * @param login who we are there; empty = no AUTH
 * @param source where the connection starts
 * @param expected what is known of it, and whom its certificate must belong to
 */
record Hop(
    String host,
    InetAddress address,
    int port,
    TlsMode tls,
    Optional<Credentials> login,
    Source source,
    Expected expected) {
  /** One that we were told to use, from any address of ours. */
  Hop(String host, InetAddress address, int port, TlsMode tls, Optional<Credentials> login) {
    this(host, address, port, tls, login, Source.ANY, Expected.CONFIGURED);
  }

  /** The same server over TLS with a valid certificate only. */
  Hop verified() {
    boolean already =
        tls == TlsMode.IMPLICIT || expected.check().filter(Hop::isSomebody).isPresent();
    return already ? this : new Hop(host, address, port, TlsMode.VERIFIED, login, source, expected);
  }

  private static boolean isSomebody(PeerCheck check) {
    return !(check instanceof PeerCheck.Anybody);
  }

  /** What the server is called in the handshake. */
  String serverName() {
    return expected.serverName().isEmpty() ? host : expected.serverName();
  }

  /** Whom its certificate must belong to. */
  PeerCheck check() {
    return switch (tls) {
      case NONE, OPPORTUNISTIC -> PeerCheck.ANYBODY;
      case REQUIRED -> expected.check().orElse(PeerCheck.ANYBODY);
      case VERIFIED, IMPLICIT ->
          expected
              .check()
              .filter(Hop::isSomebody)
              .orElseGet(() -> new PeerCheck.Pkix(List.of(host)));
    };
  }

  /** The same server, seen from there. */
  Hop from(Source other) {
    return new Hop(host, address, port, tls, login, other, expected);
  }

  /** {@code host[address]:port}. */
  @Override
  public String toString() {
    return host + "[" + address.getHostAddress() + "]:" + port;
  }
}
