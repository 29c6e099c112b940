package dev.caravan.policy.spf;

import dev.caravan.dns.Answer;
import dev.caravan.dns.Resolver;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The DNS as one check sees it: with limits on terms, empty answers and time (RFC 7208, 4.6.4). */
final class SpfDns {
  private static final int MAX_TERMS = 10;
  private static final int MAX_VOID = 2;
  private static final int MAX_NAMES = 10;
  private static final int NAME_MAX = 253;
  private static final int LABEL_MAX = 63;

  private final Resolver resolver;
  private final InetAddress client;
  private final byte[] octets;
  private final InstantSource clock;
  private final Instant deadline;
  private int terms;
  private int voids;
  private Optional<List<String>> validated = Optional.empty();

  SpfDns(Resolver resolver, InetAddress client, InstantSource clock, Instant deadline) {
    this.resolver = resolver;
    this.octets = IpNetwork.octets(client);
    this.client = InetAddress.ofLiteral(IpNetwork.readable(octets)); // never a mapped one
    this.clock = clock;
    this.deadline = deadline;
  }

  /** One more mechanism or modifier that asks the DNS. */
  void countTerm() throws SpfException {
    if (++terms > MAX_TERMS) {
      throw SpfException.permanent("more than " + MAX_TERMS + " terms that ask the DNS");
    }
  }

  /** Addresses of the client's kind. */
  Answer<InetAddress> addresses(String name) throws SpfException {
    checkTime();
    return octets.length == 4 ? resolver.a(name) : resolver.aaaa(name);
  }

  Answer<InetAddress> a(String name) throws SpfException {
    checkTime();
    return resolver.a(name);
  }

  Answer<Resolver.Mx> mx(String name) throws SpfException {
    checkTime();
    return resolver.mx(name);
  }

  Answer<String> txt(String name) throws SpfException {
    checkTime();
    return resolver.txt(name);
  }

  private void checkTime() throws SpfException {
    if (clock.instant().isAfter(deadline)) {
      throw SpfException.temporary("the time is over");
    }
  }

  /** The records of a mechanism's own question; nothing found is counted, a failure ends it all. */
  <T> List<T> found(Answer<T> answer, String name) throws SpfException {
    List<T> records = orFail(answer, name);
    if (records.isEmpty() && ++voids > MAX_VOID) {
      throw SpfException.permanent("more than " + MAX_VOID + " questions that found nothing");
    }
    return records;
  }

  /** The records, without counting. */
  static <T> List<T> orFail(Answer<T> answer, String name) throws SpfException {
    if (answer instanceof Answer.Failed<T>(String reason)) {
      throw SpfException.temporary("DNS failed for " + name + ": " + reason);
    }
    return answer.recordsOrEmpty();
  }

  /** Whether one of these is in the client's network. */
  boolean matches(List<InetAddress> addresses, Mechanism.Cidr cidr) {
    int prefix = octets.length == 4 ? cidr.v4() : cidr.v6();
    for (InetAddress address : addresses) {
      byte[] other = address.getAddress();
      if (other.length == octets.length && new IpNetwork(other, prefix).contains(octets)) {
        return true;
      }
    }
    return false;
  }

  boolean isIn(IpNetwork network) {
    return network.contains(octets);
  }

  /** Names that the client's address points to and that point back (5.5); asked for once. */
  List<String> validatedNames() throws SpfException {
    if (validated.isEmpty()) {
      checkTime();
      List<String> names = new ArrayList<>();
      List<String> all = resolver.ptr(client).recordsOrEmpty();
      for (String name : all.subList(0, Math.min(all.size(), MAX_NAMES))) {
        List<InetAddress> back = addresses(name).recordsOrEmpty();
        if (matches(back, new Mechanism.Cidr(32, 128))) {
          names.add(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
        }
      }
      validated = Optional.of(List.copyOf(names));
    }
    return validated.get();
  }

  static boolean isWithin(String name, String domain) {
    String n = name.toLowerCase(Locale.ROOT);
    String d = domain.toLowerCase(Locale.ROOT);
    return n.equals(d) || n.endsWith("." + d);
  }

  /** Whether the DNS can be asked about it: labels of 1 to 63 ASCII characters (RFC 8616, 4). */
  static boolean isName(String name) {
    if (name.isEmpty() || name.length() > NAME_MAX) {
      return false;
    }
    int label = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 128 || c == '.' && label == 0 || c != '.' && label == LABEL_MAX) {
        return false;
      }
      label = c == '.' ? 0 : label + 1;
    }
    return label > 0;
  }
}
