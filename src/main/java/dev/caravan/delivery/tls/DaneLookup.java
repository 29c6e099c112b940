package dev.caravan.delivery.tls;

import dev.caravan.dns.Answer;
import dev.caravan.dns.Resolver;
import dev.caravan.dns.Resolver.Tlsa;
import dev.caravan.dns.Resolver.Vouched;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether DANE applies to an MX host (RFC 7672, 2): the way to it, its addresses and its TLSA
 * records must all be secure. Without that nothing is asked about TLSA: name servers of unsigned
 * zones often fail at it (2.1.2).
 */
final class DaneLookup {
  private final Resolver resolver;
  private final int port;

  /**
   * @param port where servers listen
   */
  DaneLookup(Resolver resolver, int port) {
    this.resolver = resolver;
    this.port = port;
  }

  /** What was found. */
  sealed interface Result {
    /**
     * It applies.
     *
     * @param records at least one, of any kind
     * @param base the name that the records are for
     */
    record Records(List<Tlsa> records, String base) implements Result {}

    /** It does not. */
    record None() implements Result {}

    /** Nobody knows: this host must not be used now (2.1.2). */
    record Failed(String reason) implements Result {}
  }

  private static final Result NONE = new Result.None();

  /** For a host, whose way there is secure. */
  Result find(String host) {
    Vouched<InetAddress> v4 = resolver.vouchedA(host);
    Vouched<InetAddress> v6 = resolver.vouchedAaaa(host);
    Set<String> bases = new LinkedHashSet<>();
    if (isSecure(v4) && isSecure(v6)) {
      // 2.2.2: first what the alias stands for, then the alias
      bases.add((v4.answer() instanceof Answer.Found ? v4 : v6).name());
      bases.add(host);
    } else {
      Vouched<String> alias = resolver.vouchedCname(host);
      if (alias.secure() && alias.answer() instanceof Answer.Found) {
        bases.add(host); // a secure alias of a name in an unsigned zone (2.1.3)
      }
    }
    for (String base : bases) {
      String name = "_" + port + "._tcp." + base;
      Vouched<Tlsa> tlsa = resolver.tlsa(name);
      switch (tlsa.answer()) {
        case Answer.Found<Tlsa>(List<Tlsa> records) -> {
          if (tlsa.secure()) {
            return new Result.Records(records, base);
          }
        }
        case Answer.Failed<Tlsa>(String reason) -> {
          return new Result.Failed("the TLSA records " + name + " can't be looked up: " + reason);
        }
        case Answer.NoData<Tlsa> none -> {
          // the next
        }
        case Answer.NoSuchName<Tlsa> none -> {
          // the next
        }
      }
    }
    return NONE;
  }

  /** A failed question tells of no address: only those of the other kind will be used. */
  private static boolean isSecure(Vouched<InetAddress> addresses) {
    return addresses.secure() || addresses.answer() instanceof Answer.Failed;
  }
}
