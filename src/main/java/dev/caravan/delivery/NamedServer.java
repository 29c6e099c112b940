package dev.caravan.delivery;

import dev.caravan.delivery.auth.Credentials;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that a rule or the configuration names.
 *
 * @param host name or address; looked up at each attempt as the system does, hosts file included
 */
record NamedServer(String host, int port, TlsMode tls, Optional<Credentials> login) {
  private static final int PORT_MAX = 65535;
  private static final Pattern SITE =
      Pattern.compile("([^\\s:\\[\\]]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):(\\d{1,5})");

  /** The server {@code HOST:PORT}, which gets no password of ours; empty when it is none. */
  static Optional<NamedServer> of(String hostAndPort) {
    Matcher m = SITE.matcher(hostAndPort);
    return m.matches()
        ? Optional.of(
            new NamedServer(
                m.group(1).replaceAll("[\\[\\]]", ""),
                Integer.parseInt(m.group(2)),
                TlsMode.OPPORTUNISTIC,
                Optional.empty()))
        : Optional.empty();
  }

  /**
   * The server {@code HOST} or {@code HOST:PORT}, without a login.
   *
   * @param port when none is written
   * @throws IllegalArgumentException when it is neither
   */
  static NamedServer of(String text, int port) {
    return of(text)
        .or(() -> of(text + ":" + port))
        .filter(s -> s.port() >= 1 && s.port() <= PORT_MAX)
        .orElseThrow(
            () -> new IllegalArgumentException("a server is written HOST or HOST:PORT: " + text));
  }

  String site() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** Its addresses, in the order to try them; none when it can't be looked up. */
  List<Hop> hops() {
    try {
      List<Hop> hops = new ArrayList<>();
      for (InetAddress address : InetAddress.getAllByName(host)) {
        hops.add(new Hop(host, address, port, tls, login));
      }
      return hops;
    } catch (UnknownHostException e) {
      return List.of();
    }
  }
}
