package dev.caravan.policy.spf;

import java.time.Instant;
import java.util.List;

/**
 * What the macro letters stand for in one check (RFC 7208, 7.2).
 *
 * @param ip 4 or 16 octets
 * @param local of the sender
 * @param senderDomain of the sender
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
record SpfMacros(
    byte[] ip, String helo, String local, String senderDomain, String hostname, Instant now) {
  private static final int NAME_MAX = 253;

  /** A domain-spec as a name to ask for: no trailing dot, cut from the left to 253 (7.3). */
  String name(MacroString spec, String domain, SpfDns dns) throws SpfException {
    String name = expand(spec, domain, dns);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    if (name.length() > NAME_MAX) {
      int dot = name.indexOf('.', name.length() - NAME_MAX - 1);
      return dot < 0 ? name : name.substring(dot + 1);
    }
    return name;
  }

  /** The text, with {@code domain} as the domain that is being evaluated. */
  String expand(MacroString text, String domain, SpfDns dns) throws SpfException {
    return text.expand(
        letter ->
            switch (letter) {
              case 's' -> local + "@" + senderDomain;
              case 'l' -> local;
              case 'o' -> senderDomain;
              case 'd' -> domain;
              case 'i' -> IpNetwork.dotted(ip);
              case 'p' -> validated(dns.validatedNames(), domain);
              case 'v' -> ip.length == 4 ? "in-addr" : "ip6";
              case 'h' -> helo;
              case 'c' -> IpNetwork.readable(ip);
              case 'r' -> hostname;
              case 't' -> Long.toString(now.getEpochSecond());
              default -> throw SpfException.permanent("unknown macro letter");
            });
  }

  /** The domain itself, else a name below it, else any. */
  private static String validated(List<String> names, String domain) {
    for (String name : names) {
      if (name.equalsIgnoreCase(domain)) {
        return name;
      }
    }
    for (String name : names) {
      if (SpfDns.isWithin(name, domain)) {
        return name;
      }
    }
    return names.isEmpty() ? "unknown" : names.getFirst();
  }
}
