package dev.caravan.proof;

import dev.caravan.dns.FakeDnsServer;
import java.util.List;
import java.util.stream.IntStream;

/** Twenty domains, each with a server of its own as DNS tells: all of them are one port here. */
final class Sites {
  private static final List<String> DOMAINS =
      IntStream.range(0, 20).mapToObj(i -> "d" + i + ".example").toList();

  private Sites() {}

  /** The server that tells it. What it says may be kept for a second only. */
  static FakeDnsServer dns() {
    FakeDnsServer dns = FakeDnsServer.start().ttl(1);
    for (String domain : DOMAINS) {
      dns.mx(domain, 10, "mx." + domain).a("mx." + domain, "127.0.0.1");
    }
    return dns.mx("sender.example", 10, "mx.sender.example").a("mx.sender.example", "127.0.0.1");
  }

  /**
   * All mail of this ward goes by MX.
   *
   * @param port where their servers are
   * @param resolver {@code host:port}
   */
  static void use(Ward ward, int port, String resolver) {
    ward.domains(DOMAINS);
    ward.key("delivery.mode", "mx");
    ward.key("mx.port", Integer.toString(port));
    ward.key("mx.refuse-networks", "192.0.2.0/24");
    ward.key("dns.servers", resolver);
    ward.key("dns.timeout", "1s");
    ward.key("site.messages-per-connection", "5");
  }
}
