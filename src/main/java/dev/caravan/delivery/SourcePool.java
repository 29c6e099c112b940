package dev.caravan.delivery;

import dev.caravan.mail.Domain;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Several places to start from, used in turn by their weights, evenly mixed. Safe for use by many
 * threads.
 */
public final class SourcePool {
  private static final int WEIGHT_MAX = 1_000_000;

  /**
   * A machine's face: at most one address of each family.
   *
   * @param name in EHLO; empty = the gateway's
   */
  record Entry(Optional<InetAddress> v4, Optional<InetAddress> v6, String name, int weight) {
    /** The hop from here; empty when only addresses of the other family are here. */
    Optional<Hop> from(Hop hop) {
      if (v4.isEmpty() && v6.isEmpty()) {
        return Optional.of(hop.from(new Source(Optional.empty(), name)));
      }
      return (hop.address() instanceof Inet6Address ? v6 : v4)
          .map(address -> hop.from(new Source(Optional.of(address), name)));
    }

    /** As it is known to others: its IPv4 address where it has one. */
    Source source() {
      return new Source(v4.or(() -> v6), name);
    }
  }

  private final String name;
  private final List<Entry> entries;
  private final long[] credit;

  private SourcePool(String name, List<Entry> entries) {
    this.name = name;
    this.entries = List.copyOf(entries);
    this.credit = new long[entries.size()];
  }

  /**
   * Reads {@code 192.0.2.1 2001:db8::1 out1.example.com weight=3, 192.0.2.2 out2.example.com}.
   *
   * @throws IllegalArgumentException when it has not this form
   */
  static SourcePool parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String one : text.strip().split("\\s*,\\s*")) {
      entries.add(entry(one));
    }
    return new SourcePool(entries.getFirst().source().id(), entries);
  }

  /** Wherever the system likes. */
  static SourcePool any() {
    Entry entry = new Entry(Optional.empty(), Optional.empty(), Source.ANY.name(), 1);
    return new SourcePool(Source.ANY.id(), List.of(entry));
  }

  /** The same places under another name; whose turn it is begins anew. */
  SourcePool named(String other) {
    return new SourcePool(other, entries);
  }

  /** For people, and in the names of lanes: as the rule says, else its first place. */
  public String name() {
    return name;
  }

  /** All of them, each by its IPv4 address where it has one. */
  public List<Source> sources() {
    return entries.stream().map(Entry::source).toList();
  }

  /** The next that may be used. */
  public Optional<Source> pick(Predicate<Source> mayUse) {
    return next(entry -> mayUse.test(entry.source())).map(Entry::source);
  }

  private static Entry entry(String text) {
    Optional<InetAddress> v4 = Optional.empty();
    Optional<InetAddress> v6 = Optional.empty();
    String name = "";
    int weight = 1;
    for (String word : text.strip().split("\\s+")) {
      if (word.matches("weight=[0-9]{1,7}")) {
        weight = Integer.parseInt(word.substring("weight=".length()));
      } else if (word.contains(":") && v6.isEmpty()) {
        v6 = Optional.of(InetAddress.ofLiteral(word));
      } else if (word.matches("[0-9.]+") && v4.isEmpty()) {
        v4 = Optional.of(InetAddress.ofLiteral(word));
      } else if (name.isEmpty() && !word.isEmpty() && !word.matches("[0-9.:]+")) {
        name = new Domain(word).name();
      } else {
        throw new IllegalArgumentException(
            "a source is at most one IPv4 address, one IPv6 address, a name and weight=N, not: "
                + text);
      }
    }
    if (weight < 1 || weight > WEIGHT_MAX) {
      throw new IllegalArgumentException("a weight is 1 to 1000000, not " + weight);
    }
    return new Entry(v4, v6, name, weight);
  }

  /** The next that may be used. */
  synchronized Optional<Entry> next(Predicate<Entry> mayUse) {
    int best = -1;
    long total = 0;
    for (int i = 0; i < credit.length; i++) {
      Entry entry = entries.get(i);
      if (mayUse.test(entry)) {
        total += entry.weight();
        credit[i] += entry.weight();
        if (best < 0 || credit[i] > credit[best]) {
          best = i;
        }
      }
    }
    if (best < 0) {
      return Optional.empty();
    }
    credit[best] -= total;
    return Optional.of(entries.get(best));
  }
}
