package dev.caravan.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.ResolverConfig;

/** Reads lists of name servers as operators write them. */
final class DnsServers {
  /** Whose word counts that an answer is secure. */
  enum Trust {
    /** Servers on this machine: nobody between can change what they say. */
    LOOPBACK,
    /** All of them. */
    TRUE,
    /** None. */
    FALSE;

    boolean includes(InetSocketAddress server) {
      return switch (this) {
        case LOOPBACK -> !server.isUnresolved() && server.getAddress().isLoopbackAddress();
        case TRUE -> true;
        case FALSE -> false;
      };
    }
  }

  private static final int DNS_PORT = 53;
  private static final int MAX_SERVERS = 16;

  private DnsServers() {}

  /** The servers of this list; the system's when it is empty. */
  static List<InetSocketAddress> of(List<String> texts) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String text : texts) {
      if (!text.isBlank()) {
        servers.add(server(text.strip()));
      }
    }
    if (servers.isEmpty()) {
      servers.addAll(ResolverConfig.getCurrentConfig().servers());
    }
    if (servers.isEmpty()) {
      servers.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS_PORT));
    }
    return List.copyOf(servers.subList(0, Math.min(servers.size(), MAX_SERVERS)));
  }

  private static InetSocketAddress server(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    boolean hasPort =
        bracketed ? colon == text.indexOf(']') + 1 : colon >= 0 && colon == text.indexOf(':');
    String host = hasPort ? text.substring(0, colon) : text;
    int port = DNS_PORT;
    try {
      if (hasPort) {
        port = Integer.parseInt(text.substring(colon + 1));
      }
      if (bracketed) {
        if (!host.endsWith("]")) {
          throw new IllegalArgumentException("a bracket is open");
        }
        host = host.substring(1, host.length() - 1);
      }
      if (port < 1 || host.isEmpty()) {
        throw new IllegalArgumentException("port 1 to 65535 and a host are needed");
      }
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException | IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is no name server host:port", e);
    }
  }
}
