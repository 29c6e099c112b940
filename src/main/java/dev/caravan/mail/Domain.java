package dev.caravan.mail;

import com.ibm.icu.text.IDNA;
import com.ibm.icu.util.ICUException;
import java.net.Inet6Address;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A domain as mail uses it: a lower-case A-label name without a trailing dot, or an address literal
 * such as {@code [192.0.2.1]} or {@code [IPv6:2001:db8::1]} (RFC 5321, 4.1.2 and 4.1.3). An
 * international domain becomes A-labels as RFC 5891 and UTS #46 (non-transitional) say.
 */
public record Domain(String name) implements Comparable<Domain> {
  private static final int MAX_LENGTH = 253;
  private static final int MAX_LABEL = 63;
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
  private static final Pattern V4 = Pattern.compile("\\[" + OCTET + "(?:\\." + OCTET + "){3}]");
  private static final Pattern V6 = Pattern.compile("(?i)\\[IPv6:[0-9a-f:.]{2,45}]");

  /**
   * @throws IllegalArgumentException when it is no domain, or longer than 253 octets
   */
  public Domain {
    name = name.startsWith("[") ? literal(name) : normalized(name);
  }

  private static String literal(String text) {
    boolean v4 = V4.matcher(text).matches();
    if (!v4 && !isV6(text)) {
      throw new IllegalArgumentException("malformed address literal");
    }
    return text;
  }

  private static boolean isV6(String text) {
    if (!V6.matcher(text).matches()) {
      return false;
    }
    try {
      Inet6Address.ofLiteral(text.substring("[IPv6:".length(), text.length() - 1));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String normalized(String text) {
    String ascii = isAscii(text) ? text : International.toAscii(text);
    if (ascii.endsWith(".")) {
      ascii = ascii.substring(0, ascii.length() - 1);
    }
    if (ascii.isEmpty() || ascii.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a domain has 1 to 253 octets");
    }
    int label = 0;
    for (int i = 0; i < ascii.length(); i++) {
      char c = ascii.charAt(i);
      if (c == '.') {
        endOfLabel(ascii, i, label);
        label = 0;
        continue;
      }
      // Underscores are no host name characters, but deployed domains have them.
      boolean ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
      if (!ok && c != '-' || ++label > MAX_LABEL) {
        throw new IllegalArgumentException("malformed domain");
      }
    }
    endOfLabel(ascii, ascii.length(), label);
    return ascii.toLowerCase(Locale.ROOT);
  }

  /** A label has letters, digits or underscores at its ends (RFC 1123, 2.1). */
  private static void endOfLabel(String ascii, int end, int length) {
    if (length == 0) {
      throw new IllegalArgumentException("a domain has no empty label");
    }
    if (ascii.charAt(end - 1) == '-' || ascii.charAt(end - length) == '-') {
      throw new IllegalArgumentException("a label neither begins nor ends with a hyphen");
    }
  }

  /** Loaded when the first international domain comes: its tables are large. */
  private static final class International {
    // What is registered today: java.net.IDN would make another domain of "faß.example".
    private static final IDNA RULES =
        IDNA.getUTS46Instance(
            IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ);

    private static String toAscii(String text) {
      if (text.length() > 2 * MAX_LENGTH) {
        throw new IllegalArgumentException("a domain has 1 to 253 octets");
      }
      IDNA.Info info = new IDNA.Info();
      StringBuilder ascii = new StringBuilder();
      try {
        RULES.nameToASCII(text, ascii, info);
      } catch (ICUException e) {
        // A label that grows beyond its limits when it is mapped.
        throw new IllegalArgumentException("malformed international domain", e);
      }
      if (info.hasErrors()) {
        throw new IllegalArgumentException("malformed international domain: " + info.getErrors());
      }
      return ascii.toString();
    }
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 128) {
        return false;
      }
    }
    return true;
  }

  /** Whether this is an address literal in brackets. */
  public boolean isLiteral() {
    return name.charAt(0) == '[';
  }

  /**
   * Whether this domain matches a configured pattern: {@code example.com} means itself only, {@code
   * .example.com} means itself and every sub-domain.
   */
  public boolean matches(String pattern) {
    String p = pattern.toLowerCase(Locale.ROOT);
    return p.startsWith(".")
        ? name.equals(p.substring(1)) || name.endsWith(p)
        : name.equalsIgnoreCase(p);
  }

  @Override
  public int compareTo(Domain other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
