package dev.caravan.policy.spf;

import java.util.Optional;

/** What a directive tests (RFC 7208, 5). A domain that is absent is the one that is checked. */
sealed interface Mechanism {
  record All() implements Mechanism {}

  record Include(MacroString domain) implements Mechanism {}

  record A(Optional<MacroString> domain, Cidr cidr) implements Mechanism {}

  record Mx(Optional<MacroString> domain, Cidr cidr) implements Mechanism {}

  record Ptr(Optional<MacroString> domain) implements Mechanism {}

  /** Both {@code ip4} and {@code ip6}. */
  record Ip(IpNetwork network) implements Mechanism {}

  record Exists(MacroString domain) implements Mechanism {}

  /** How many leading bits are compared, by kind of address. */
  record Cidr(int v4, int v6) {}
}
