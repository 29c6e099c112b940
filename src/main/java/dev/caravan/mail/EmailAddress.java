package dev.caravan.mail;

import java.nio.charset.StandardCharsets;

/**
 * A mailbox: local part and domain (RFC 5321, 4.1.2; RFC 6531 for non-ASCII local parts). The local
 * part is kept as it was written, quotes included, because only its own server may interpret it.
 */
public record EmailAddress(String localPart, Domain domain) {
  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~";
  private static final int MAX_LOCAL_PART = 64;
  private static final int MAX_LENGTH = 254;

  /**
   * @throws IllegalArgumentException when the local part is no dot-string or quoted-string, or too
   *     long (64 octets; 254 in all)
   */
  public EmailAddress {
    int octets = localPart.getBytes(StandardCharsets.UTF_8).length;
    if (octets == 0
        || octets > MAX_LOCAL_PART
        || octets + 1 + domain.name().length() > MAX_LENGTH) {
      throw new IllegalArgumentException("an address has 1 to 64 octets before the @, 254 in all");
    }
    if (!(localPart.startsWith("\"") ? isQuoted(localPart) : isDotString(localPart))) {
      throw new IllegalArgumentException("malformed local part");
    }
    // Half a surrogate pair would leave as a question mark, which is another address.
    if (!isAscii(localPart) && !StandardCharsets.UTF_8.newEncoder().canEncode(localPart)) {
      throw new IllegalArgumentException("malformed local part");
    }
  }

  /**
   * Reads {@code local@domain}, without angle brackets.
   *
   * @throws IllegalArgumentException when it is no address
   */
  public static EmailAddress parse(String text) {
    int at = text.lastIndexOf('@');
    if (at < 1) {
      throw new IllegalArgumentException("an address has the form local@domain");
    }
    return new EmailAddress(text.substring(0, at), new Domain(text.substring(at + 1)));
  }

  private static boolean isDotString(String s) {
    boolean afterDot = true;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '.') {
        if (afterDot) {
          return false;
        }
        afterDot = true;
      } else if (isAtomChar(c)) {
        afterDot = false;
      } else {
        return false;
      }
    }
    return !afterDot;
  }

  private static boolean isAtomChar(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c >= 0xA0 && c != 0xFFFD
        || ATOM_SPECIALS.indexOf(c) >= 0;
  }

  private static boolean isQuoted(String s) {
    if (s.length() < 2 || !s.endsWith("\"")) {
      return false;
    }
    for (int i = 1; i < s.length() - 1; i++) {
      char c = s.charAt(i);
      if (c == '\\') {
        i++;
        if (i == s.length() - 1 || s.charAt(i) < ' ' || s.charAt(i) == 127) {
          return false;
        }
      } else if (c == '"' || c < ' ' || c >= 127 && c < 0xA0) {
        return false;
      }
    }
    return true;
  }

  /** Whether it can be sent only to a server with SMTPUTF8 (RFC 6531). */
  public boolean isInternational() {
    return !isAscii(localPart);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 128) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return localPart + '@' + domain.name();
  }
}
