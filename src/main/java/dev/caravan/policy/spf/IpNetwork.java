package dev.caravan.policy.spf;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A network as SPF compares it: bits beyond the prefix are allowed and ignored.
 *
 * @param octets 4 or 16
 * @param prefix leading bits that count
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared as a whole
record IpNetwork(byte[] octets, int prefix) {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /** The octets of a client; an IPv4-mapped address is the IPv4 address (RFC 7208, 5). */
  static byte[] octets(InetAddress address) {
    byte[] octets = address.getAddress();
    boolean mapped = octets.length == 16 && octets[10] == -1 && octets[11] == -1;
    for (int i = 0; mapped && i < 10; i++) {
      mapped = octets[i] == 0;
    }
    return mapped ? Arrays.copyOfRange(octets, 12, 16) : octets;
  }

  boolean contains(byte[] address) {
    if (address.length != octets.length) {
      return false;
    }
    int whole = prefix / 8;
    int rest = prefix % 8;
    return Arrays.equals(octets, 0, whole, address, 0, whole)
        && (rest == 0 || ((octets[whole] ^ address[whole]) & 0xFF) >> (8 - rest) == 0);
  }

  /** As the macro {@code i} has it: dotted, by octets or by nibbles (RFC 7208, 7.3). */
  static String dotted(byte[] address) {
    return address.length == 4
        ? readable(address)
        : String.join(".", HEX.formatHex(address).split("", -1)).replaceAll("^\\.|\\.$", "");
  }

  /** As people write it (RFC 5952). */
  static String readable(byte[] address) {
    if (address.length == 4) {
      return (address[0] & 0xFF)
          + "."
          + (address[1] & 0xFF)
          + "."
          + (address[2] & 0xFF)
          + "."
          + (address[3] & 0xFF);
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (address[2 * i] & 0xFF) << 8 | address[2 * i + 1] & 0xFF;
    }
    int start = -1;
    int length = 1; // a single zero is not shortened
    for (int i = 0; i < 8; i++) {
      int n = 0;
      while (i + n < 8 && groups[i + n] == 0) {
        n++;
      }
      if (n > length) {
        start = i;
        length = n;
      }
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        out.append("::");
        i += length - 1;
        continue;
      }
      if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
        out.append(':');
      }
      out.append(Integer.toHexString(groups[i]));
    }
    return out.toString();
  }
}
