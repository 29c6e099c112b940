package dev.caravan.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * Smarthosts and groups by name and by site. The site of a smarthost is {@code HOST:PORT} of its
 * first server, or its name where another has the same; that of a group is its name.
 */
final class Directory {
  private final Map<String, Group> groups = new HashMap<>();

  private Directory() {}

  /**
   * A directory of these.
   *
   * @throws IllegalArgumentException when a name is used twice
   */
  static Directory of(List<Relay> relays, Duration stepBack, LongSupplier nanoTime) {
    Directory directory = new Directory();
    Map<String, List<Member>> named = new LinkedHashMap<>();
    Map<String, Integer> addresses = new HashMap<>();
    relays.forEach(r -> addresses.merge(key(r.address()), 1, Integer::sum));
    for (Relay relay : relays) {
      Member member = new Member(relay, stepBack, nanoTime);
      boolean alone = addresses.getOrDefault(key(relay.address()), 0) == 1;
      Group group = new Group(alone ? relay.address() : relay.name(), List.of(member));
      directory.put(relay.name(), group);
      if (alone) {
        directory.put(relay.address(), group);
      }
      relay.groups().forEach(g -> named.computeIfAbsent(g, n -> new ArrayList<>()).add(member));
    }
    named.forEach((name, members) -> directory.put(name, new Group(name, members)));
    return directory;
  }

  /** A server that is in no table. */
  static Group alone(String site, NamedServer server) {
    Relay relay = Relay.of(server.site(), server);
    return new Group(site, List.of(new Member(relay, Duration.ofSeconds(1), System::nanoTime)));
  }

  private void put(String name, Group group) {
    if (groups.put(key(name), group) != null) {
      throw new IllegalArgumentException("there are two smarthosts or groups called " + name);
    }
  }

  /** Hosts are written either way. */
  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** By its name or its site. */
  Optional<Group> find(String name) {
    return Optional.ofNullable(groups.get(key(name)));
  }

  OptionalInt concurrencyOf(String site) {
    int known = find(site).map(Group::concurrency).orElse(0);
    return known == 0 ? OptionalInt.empty() : OptionalInt.of(known);
  }
}
