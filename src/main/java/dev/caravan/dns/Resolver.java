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
}
