package dev.caravan.mail;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A list of IP networks (RFC 4632, RFC 4291): who may relay, where mail never goes. An IPv4-mapped
 * IPv6 address ({@code ::ffff:192.0.2.1}) is the IPv4 address, in the list and in the question.
 */
public record Networks(List<Network> list) {
  /** No network. */
  public static final Networks NONE = new Networks(List.of());

  private static final int MAX_NETWORKS = 10_000;

  public Networks {
    list = List.copyOf(list);
  }

  /**
   * Reads networks separated by commas or white space: {@code 192.0.2.0/24}, {@code 2001:db8::/32},
   * a single address, or one of the words {@code loopback}, {@code link-local}, {@code multicast},
   * {@code unspecified} ({@code 0.0.0.0/8} and {@code ::}) and {@code private} (RFC 1918, RFC
   * 4193). The empty text is no network. Names are never looked up.
   *
   * @throws IllegalArgumentException naming the part that is none of these
   */
  public Networks(String text) {
    this(read(text));
  }

  /** As {@link #Networks(String)}. */
  public static Networks parse(String text) {
    return new Networks(text);
  }

  /** Whether the address is in one of the networks. */
  public boolean contains(InetAddress address) {
    byte[] octets = Network.normalized(address.getAddress());
    for (Network network : list) {
      if (network.contains(octets)) {
        return true;
      }
    }
    return false;
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  @Override
  public String toString() {
    return list.stream().map(Network::toString).collect(Collectors.joining(","));
  }

  private static List<Network> read(String text) {
    List<Network> all = new ArrayList<>();
    for (String part : text.split("[,\\s]+", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      for (String cidr : expanded(part.toLowerCase(Locale.ROOT))) {
        all.add(Network.parse(cidr));
      }
      if (all.size() > MAX_NETWORKS) {
        throw new IllegalArgumentException("more than " + MAX_NETWORKS + " networks");
      }
    }
    return all;
  }

  private static List<String> expanded(String part) {
    return switch (part) {
      case "loopback" -> List.of("127.0.0.0/8", "::1");
      case "link-local" -> List.of("169.254.0.0/16", "fe80::/10");
      case "multicast" -> List.of("224.0.0.0/4", "ff00::/8");
      case "unspecified" -> List.of("0.0.0.0/8", "::");
      case "private" -> List.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");
      default -> List.of(part);
    };
  }

  /**
   * One network.
   *
   * @param address its first address, never an IPv4-mapped one
   * @param prefix how many leading bits its addresses share: 0 to 32 or 0 to 128
   */
  public record Network(InetAddress address, int prefix) {
    private static final int MAPPED_BITS = 96;

    /**
     * @throws IllegalArgumentException when the prefix is out of range, or bits beyond it are set
     */
    public Network {
      byte[] octets = address.getAddress();
      if (prefix < 0 || prefix > octets.length * 8) {
        throw new IllegalArgumentException("the prefix is 0 to " + octets.length * 8);
      }
      for (int bit = prefix; bit < octets.length * 8; bit++) {
        if ((octets[bit / 8] & 0x80 >> bit % 8) != 0) {
          throw new IllegalArgumentException("bits beyond the prefix are set");
        }
      }
    }

    static Network parse(String cidr) {
      try {
        int slash = cidr.indexOf('/');
        String text = slash < 0 ? cidr : cidr.substring(0, slash);
        boolean v6 = text.indexOf(':') >= 0;
        InetAddress address = v6 ? v6(text) : v4(text);
        boolean mapped = v6 && address instanceof Inet4Address;
        int longest = v6 ? 128 : 32;
        int prefix = slash < 0 ? longest : prefix(cidr.substring(slash + 1));
        return new Network(address, mapped ? prefix - MAPPED_BITS : prefix);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "'" + cidr + "' is no network such as 192.0.2.0/24: " + e.getMessage(), e);
      }
    }

    private static int prefix(String text) {
      if (text.isEmpty() || text.length() > 3 || !digits(text)) {
        throw new IllegalArgumentException("the prefix is a number");
      }
      return Integer.parseInt(text);
    }

    /** Four decimal numbers only: {@code 10.1} and {@code 010.0.0.1} mean different things. */
    private static InetAddress v4(String text) {
      String[] parts = text.split("\\.", -1);
      boolean ok = parts.length == 4;
      for (String part : parts) {
        ok &= digits(part) && (part.length() == 1 || part.length() <= 3 && part.charAt(0) != '0');
      }
      if (!ok) {
        throw new IllegalArgumentException("an IPv4 address is four numbers from 0 to 255");
      }
      return InetAddress.ofLiteral(text);
    }

    private static InetAddress v6(String text) {
      String bare =
          text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
      if (bare.indexOf('%') >= 0 || bare.indexOf('[') >= 0) {
        throw new IllegalArgumentException("an address without zone and brackets is needed");
      }
      return InetAddress.ofLiteral(bare);
    }

    private static boolean digits(String text) {
      return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** The four octets of an IPv4-mapped IPv6 address, anything else unchanged. */
    static byte[] normalized(byte[] octets) {
      if (octets.length != 16 || octets[10] != -1 || octets[11] != -1) {
        return octets;
      }
      for (int i = 0; i < 10; i++) {
        if (octets[i] != 0) {
          return octets;
        }
      }
      return Arrays.copyOfRange(octets, 12, 16);
    }

    boolean contains(byte[] octets) {
      byte[] mine = address.getAddress();
      if (mine.length != octets.length) {
        return false;
      }
      int whole = prefix / 8;
      if (!Arrays.equals(mine, 0, whole, octets, 0, whole)) {
        return false;
      }
      int rest = prefix % 8;
      return rest == 0 || (mine[whole] ^ octets[whole]) >> (8 - rest) == 0;
    }

    @Override
    public String toString() {
      return address.getHostAddress() + "/" + prefix;
    }
  }
}
