package dev.caravan.mail;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What counts as one client where clients are counted: an IPv4 address, or a network of 64 bits of
 * IPv6, because whoever has one address of it has them all (RFC 6177).
 */
public final class AddressBlock {
  private static final int PREFIX_OCTETS = 8;

  private AddressBlock() {}

  /** The address itself, or the first one of its IPv6 network of 64 bits. */
  public static InetAddress of(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] octets = address.getAddress();
    Arrays.fill(octets, PREFIX_OCTETS, octets.length, (byte) 0);
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen octets are an address", e);
    }
  }
}
