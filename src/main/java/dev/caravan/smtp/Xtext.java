package dev.caravan.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Text in parameters: what is not plain is written {@code +3D} (RFC 3461, 4). */
public final class Xtext {
  private Xtext() {}

  /** Whether it is well formed; characters beyond ASCII may stand for themselves (RFC 6533, 3). */
  public static boolean isValid(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '+') {
        if (i + 2 >= text.length() || hex(text.charAt(i + 1)) < 0 || hex(text.charAt(i + 2)) < 0) {
          return false;
        }
        i += 2;
      } else if (c <= ' ' || c == '=' || c == 127) {
        return false;
      }
    }
    return true;
  }

  /** The text it stands for, read as UTF-8; empty when it is not well formed. */
  public static Optional<String> decode(String text) {
    if (!isValid(text)) {
      return Optional.empty();
    }
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    byte[] plain = new byte[octets.length];
    int length = 0;
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] == '+') {
        plain[length++] = (byte) (hex((char) octets[i + 1]) << 4 | hex((char) octets[i + 2]));
        i += 2;
      } else {
        plain[length++] = octets[i];
      }
    }
    return Optional.of(new String(plain, 0, length, StandardCharsets.UTF_8));
  }

  /** Whether it is well formed and stands for text that fits in one line. */
  static boolean isPlain(String text) {
    return decode(text).filter(t -> t.chars().noneMatch(Character::isISOControl)).isPresent();
  }

  /** ASCII text in this form. */
  public static String encode(String ascii) {
    StringBuilder text = new StringBuilder(ascii.length() + 8);
    for (int i = 0; i < ascii.length(); i++) {
      char c = ascii.charAt(i);
      if (c > ' ' && c < 127 && c != '+' && c != '=') {
        text.append(c);
      } else {
        text.append('+').append(String.format("%02X", (int) c));
      }
    }
    return text.toString();
  }

  /** Upper-case digits only, as RFC 3461 writes them; lower-case ones are taken too. */
  private static int hex(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
