package dev.caravan.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.xbill.DNS.ReverseMap;

/**
 * A DNS in memory, for tests without a network: {@code new FakeResolver().a("mx.example",
 * "192.0.2.1").mx("example.com", 10, "mx.example")}. What was never said does not exist. Safe to
 * share between threads.
 */
public final class FakeResolver implements Resolver {
  private static final int MAX_ALIASES = 10;

  private final Map<String, Map<String, List<String>>> zone = new ConcurrentHashMap<>();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final List<String> queries = new CopyOnWriteArrayList<>();

  public FakeResolver a(String name, String... addresses) {
    return add(name, "A", addresses);
  }

  public FakeResolver aaaa(String name, String... addresses) {
    return add(name, "AAAA", addresses);
  }

  public FakeResolver mx(String name, int preference, String host) {
    return add(name, "MX", preference + " " + normal(host));
  }

  /** The domain accepts no mail (RFC 7505). */
  public FakeResolver nullMx(String name) {
    return add(name, "MX", "0 ");
  }

  public FakeResolver txt(String name, String... texts) {
    return add(name, "TXT", texts);
  }

  public FakeResolver cname(String name, String target) {
    return add(name, "CNAME", target);
  }

  /** The address points back to these names. */
  public FakeResolver ptr(String address, String... hosts) {
    return add(arpa(InetAddress.ofLiteral(address)), "PTR", hosts);
  }

  /** As {@link #ptr}, with a name such as {@code 1.2.0.192.in-addr.arpa}. */
  public FakeResolver ptrName(String arpaName, String... hosts) {
    return add(arpaName, "PTR", hosts);
  }

  /** The name exists, if only without records. */
  public FakeResolver exists(String name) {
    zone.computeIfAbsent(normal(name), n -> new ConcurrentHashMap<>());
    return this;
  }

  /** Every question about this name fails, except for types that have records of their own. */
  public FakeResolver timeout(String name) {
    failing.add(normal(name));
    return this;
  }

  /** Every question about where this address points to fails. */
  public FakeResolver timeoutPtr(String address) {
    return timeout(arpa(InetAddress.ofLiteral(address)));
  }

  /** What was asked, in order, as {@code "MX example.com"}. */
  public List<String> queries() {
    return List.copyOf(queries);
  }

  private FakeResolver add(String name, String type, String... values) {
    zone.computeIfAbsent(normal(name), n -> new ConcurrentHashMap<>())
        .computeIfAbsent(type, t -> new CopyOnWriteArrayList<>())
        .addAll(List.of(values));
    return this;
  }

  @Override
  public Answer<InetAddress> a(String name) {
    return ask(name, "A", InetAddress::ofLiteral);
  }

  @Override
  public Answer<InetAddress> aaaa(String name) {
    return ask(name, "AAAA", InetAddress::ofLiteral);
  }

  @Override
  public Answer<Mx> mx(String name) {
    Answer<Mx> answer =
        ask(
            name,
            "MX",
            value -> {
              int space = value.indexOf(' ');
              return new Mx(
                  Integer.parseInt(value.substring(0, space)), value.substring(space + 1));
            });
    if (answer instanceof Answer.Found<Mx>(List<Mx> records)) {
      List<Mx> sorted = new ArrayList<>(records);
      sorted.sort(Comparator.comparingInt(Mx::preference));
      return new Answer.Found<>(sorted);
    }
    return answer;
  }

  @Override
  public Answer<String> txt(String name) {
    return ask(name, "TXT", value -> value);
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return ask(arpa(address), "PTR", FakeResolver::normal);
  }

  private <T> Answer<T> ask(String question, String type, Function<String, T> read) {
    String name = normal(question);
    queries.add(type + " " + name);
    for (int i = 0; i < MAX_ALIASES; i++) {
      Map<String, List<String>> records = zone.getOrDefault(name, Map.of());
      List<String> values = records.getOrDefault(type, List.of());
      if (!values.isEmpty()) {
        return new Answer.Found<>(values.stream().map(read).toList());
      }
      List<String> alias = records.getOrDefault("CNAME", List.of());
      if (!alias.isEmpty()) {
        name = normal(alias.getFirst());
        continue;
      }
      if (failing.contains(name)) {
        return new Answer.Failed<>("time-out");
      }
      return exists(name, records) ? new Answer.NoData<>() : new Answer.NoSuchName<>();
    }
    return new Answer.Failed<>("too many aliases");
  }

  private boolean exists(String name, Map<String, List<String>> records) {
    return !records.isEmpty()
        || zone.containsKey(name)
        || zone.keySet().stream().anyMatch(other -> other.endsWith("." + name));
  }

  private static String arpa(InetAddress address) {
    return normal(ReverseMap.fromAddress(address).toString());
  }

  private static String normal(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
