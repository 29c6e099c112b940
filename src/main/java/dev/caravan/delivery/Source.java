package dev.caravan.delivery;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a connection starts: what the server sees of us.
 *
 * @param address the local address to bind; empty = as the system likes
 * @param name our name in EHLO; empty = the gateway's host name
 */
public record Source(Optional<InetAddress> address, String name) {
  /** No address in particular, and the gateway's own name. */
  public static final Source ANY = new Source(Optional.empty(), "");

  /** What tells it from others: its address, else its name, else {@code any}. */
  public String id() {
    return address
        .map(InetAddress::getHostAddress)
        .orElse(name.isEmpty() ? "any" : name.toLowerCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return id();
  }
}
