package dev.caravan.dns;

import java.net.InetAddress;

/**
 * Asks the DNS. Blocking; call it on a virtual thread. Names are ASCII with or without a trailing
 * dot; CNAMEs are followed within a bound. A name that is no domain name gives {@link
 * Answer.NoSuchName}. Implementations never throw.
 */
public interface Resolver {
  /** One MX record (RFC 5321, 5.1): host without trailing dot; empty for the null MX (RFC 7505). */
  record Mx(int preference, String host) {}

  /**
   * One TLSA record (RFC 6698, 2.1).
   *
   * @param data the certificate association, two lower-case hexadecimal digits an octet
   */
  record Tlsa(int usage, int selector, int matching, String data) {}

  /**
   * An answer, and whether it can be believed.
   *
   * @param secure whether a validating resolver that we trust vouches for it and for every alias on
   *     the way, be it that there is nothing (RFC 4035, 3.2.3: AD)
   * @param name what the question was about after all aliases, without trailing dot
   */
  record Vouched<T>(Answer<T> answer, boolean secure, String name) {}

  /** IPv4 addresses. */
  Answer<InetAddress> a(String name);

  /** IPv6 addresses. */
  Answer<InetAddress> aaaa(String name);

  /** MX records by rising preference. */
  Answer<Mx> mx(String name);

  /** TXT records; the strings of each joined, octets as ISO 8859-1 characters. */
  Answer<String> txt(String name);

  /** Host names that an address points back to, without trailing dot. */
  Answer<String> ptr(InetAddress address);

  /** As {@link #mx}; not secure unless an implementation says so. */
  default Vouched<Mx> vouchedMx(String name) {
    return new Vouched<>(mx(name), false, name);
  }

  /** As {@link #a}; not secure unless an implementation says so. */
  default Vouched<InetAddress> vouchedA(String name) {
    return new Vouched<>(a(name), false, name);
  }

  /** As {@link #aaaa}; not secure unless an implementation says so. */
  default Vouched<InetAddress> vouchedAaaa(String name) {
    return new Vouched<>(aaaa(name), false, name);
  }

  /** What this name itself is an alias of. */
  default Vouched<String> vouchedCname(String name) {
    return new Vouched<>(new Answer.NoData<>(), false, name);
  }

  /** TLSA records. */
  default Vouched<Tlsa> tlsa(String name) {
    return new Vouched<>(new Answer.NoData<>(), false, name);
  }
}
