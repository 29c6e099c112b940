package dev.caravan.delivery;

import java.util.List;
import java.util.Set;

/**
 * A smarthost as it is set up: servers that take our mail for others, with one login.
 *
 * @param servers in the order to try them; at least one
 * @param weight its share among those of the same priority; at least 1
 * @param priority the lowest is tried first
 * @param concurrency deliveries at the same time; 0 = as the site may have
 * @param groups the groups that it belongs to
 */
record Relay(
    String name,
    List<NamedServer> servers,
    int weight,
    int priority,
    int concurrency,
    Set<String> groups) {
  Relay {
    servers = List.copyOf(servers);
    groups = Set.copyOf(groups);
  }

  /** One server, by itself. */
  static Relay of(String name, NamedServer server) {
    return new Relay(name, List.of(server), 1, 0, 0, Set.of());
  }

  /** {@code HOST:PORT} of its first server. */
  String address() {
    return servers.getFirst().site();
  }
}
