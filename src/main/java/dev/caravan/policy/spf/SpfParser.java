package dev.caravan.policy.spf;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the terms of a policy (RFC 7208, 12). One parser reads one record. */
final class SpfParser {
  private final List<SpfRecord.Directive> directives = new ArrayList<>();
  private Optional<MacroString> redirect = Optional.empty();
  private Optional<MacroString> explanation = Optional.empty();

  SpfRecord parse(String terms) throws SpfException {
    for (String term : terms.split(" +", -1)) {
      if (term.isEmpty()) {
        continue;
      }
      int equals = modifierNameEnd(term);
      if (equals > 0) {
        modifier(term.substring(0, equals).toLowerCase(Locale.ROOT), term.substring(equals + 1));
      } else {
        directives.add(directive(term));
      }
    }
    return new SpfRecord(List.copyOf(directives), redirect, explanation);
  }

  /** Where the {@code =} of a modifier is; -1 when this is none. */
  private static int modifierNameEnd(String term) {
    for (int i = 0; i < term.length(); i++) {
      char c = term.charAt(i);
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
      if (c == '=') {
        return i;
      }
      if (!letter && (i == 0 || !(c >= '0' && c <= '9') && "-_.".indexOf(c) < 0)) {
        return -1;
      }
    }
    return -1;
  }

  private void modifier(String name, String value) throws SpfException {
    switch (name) {
      case "redirect" -> redirect = once(name, redirect, value);
      case "exp" -> explanation = once(name, explanation, value);
      default -> MacroString.modifier(value); // unknown, but it must be well-formed
    }
  }

  private static Optional<MacroString> once(String name, Optional<MacroString> old, String value)
      throws SpfException {
    if (old.isPresent()) {
      throw SpfException.permanent("two of " + name);
    }
    return Optional.of(MacroString.domain(value));
  }

  private static SpfRecord.Directive directive(String term) throws SpfException {
    SpfResult.Kind result =
        switch (term.charAt(0)) {
          case '-' -> SpfResult.Kind.FAIL;
          case '~' -> SpfResult.Kind.SOFTFAIL;
          case '?' -> SpfResult.Kind.NEUTRAL;
          default -> SpfResult.Kind.PASS;
        };
    String bare = "+-~?".indexOf(term.charAt(0)) >= 0 ? term.substring(1) : term;
    int end = 0;
    while (end < bare.length() && bare.charAt(end) != ':' && bare.charAt(end) != '/') {
      end++;
    }
    String name = bare.substring(0, end).toLowerCase(Locale.ROOT);
    return new SpfRecord.Directive(result, mechanism(name, bare.substring(end)), term);
  }

  /**
   * One mechanism.
   *
   * @param rest what follows the name: empty, or begins with a colon or a slash
   */
  private static Mechanism mechanism(String name, String rest) throws SpfException {
    return switch (name) {
      case "all" -> {
        if (!rest.isEmpty()) {
          throw SpfException.permanent("'all' takes no argument");
        }
        yield new Mechanism.All();
      }
      case "include" -> new Mechanism.Include(MacroString.domain(argument(name, rest)));
      case "exists" -> new Mechanism.Exists(MacroString.domain(argument(name, rest)));
      case "ptr" -> new Mechanism.Ptr(optionalDomain(name, rest));
      case "ip4" -> new Mechanism.Ip(ip4(argument(name, rest)));
      case "ip6" -> new Mechanism.Ip(ip6(argument(name, rest)));
      case "a" -> {
        String domain = withoutCidr(rest);
        yield new Mechanism.A(optionalDomain(name, domain), cidr(rest.substring(domain.length())));
      }
      case "mx" -> {
        String domain = withoutCidr(rest);
        yield new Mechanism.Mx(optionalDomain(name, domain), cidr(rest.substring(domain.length())));
      }
      default -> throw SpfException.permanent("unknown mechanism");
    };
  }

  private static String argument(String name, String rest) throws SpfException {
    if (!rest.startsWith(":")) {
      throw SpfException.permanent("'" + name + "' needs an argument");
    }
    return rest.substring(1);
  }

  private static Optional<MacroString> optionalDomain(String name, String rest)
      throws SpfException {
    return rest.isEmpty()
        ? Optional.empty()
        : Optional.of(MacroString.domain(argument(name, rest)));
  }

  /** Without {@code /24//64} at the end. */
  private static String withoutCidr(String rest) {
    int end = rest.length();
    int slash = slashBeforeDigits(rest, end);
    if (slash > 0 && rest.charAt(slash - 1) == '/') {
      end = slash - 1;
      slash = slashBeforeDigits(rest, end);
    }
    return rest.substring(0, slash < 0 ? end : slash);
  }

  private static int slashBeforeDigits(String text, int end) {
    int at = end;
    while (at > 0 && text.charAt(at - 1) >= '0' && text.charAt(at - 1) <= '9') {
      at--;
    }
    return at < end && at > 0 && text.charAt(at - 1) == '/' ? at - 1 : -1;
  }

  private static Mechanism.Cidr cidr(String text) throws SpfException {
    int six = text.indexOf("//");
    String v4 = six < 0 ? text : text.substring(0, six);
    return new Mechanism.Cidr(
        v4.isEmpty() ? 32 : prefix(v4.substring(1), 32),
        six < 0 ? 128 : prefix(text.substring(six + 2), 128));
  }

  private static int prefix(String text, int longest) throws SpfException {
    boolean form = !text.isEmpty() && text.length() <= 3 && digits(text);
    boolean zeros = text.length() > 1 && text.startsWith("0");
    if (!form || zeros || Integer.parseInt(text) > longest) {
      throw SpfException.permanent("malformed cidr-length");
    }
    return Integer.parseInt(text);
  }

  private static boolean digits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static IpNetwork ip4(String text) throws SpfException {
    int slash = text.indexOf('/');
    String[] numbers = (slash < 0 ? text : text.substring(0, slash)).split("\\.", -1);
    byte[] octets = new byte[4];
    if (numbers.length != 4) {
      throw SpfException.permanent("malformed ip4 network");
    }
    for (int i = 0; i < 4; i++) {
      octets[i] = (byte) prefix(numbers[i], 255);
    }
    return new IpNetwork(octets, slash < 0 ? 32 : prefix(text.substring(slash + 1), 32));
  }

  private static IpNetwork ip6(String text) throws SpfException {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean form =
        address.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.');
    if (!form || address.indexOf(':') < 0 || address.length() > 45) {
      throw SpfException.permanent("malformed ip6 network");
    }
    try {
      InetAddress literal = InetAddress.ofLiteral(address);
      byte[] octets = literal.getAddress();
      if (literal instanceof Inet4Address) {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        System.arraycopy(octets, 0, mapped, 12, 4);
        octets = mapped;
      }
      return new IpNetwork(octets, slash < 0 ? 128 : prefix(text.substring(slash + 1), 128));
    } catch (IllegalArgumentException e) {
      throw SpfException.permanent("malformed ip6 network");
    }
  }
}
