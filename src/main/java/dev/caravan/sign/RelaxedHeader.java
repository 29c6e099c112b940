package dev.caravan.sign;

import dev.caravan.mail.Header;
import java.util.Locale;

/** The relaxed header canonicalisation (RFC 6376, 3.4.2). */
final class RelaxedHeader {
  private RelaxedHeader() {}

  /** With its final CRLF. */
  static String canonical(Header.Field field) {
    return canonical(field.name(), field.raw().substring(field.raw().indexOf(':') + 1)) + "\r\n";
  }

  /** Without CRLF. */
  static String canonical(String name, String value) {
    StringBuilder out = new StringBuilder(name.length() + value.length() + 1);
    out.append(name.toLowerCase(Locale.ROOT)).append(':');
    int start = out.length();
    boolean space = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == ' ' || c == '\t') {
        space = true;
      } else if (c != '\r' && c != '\n') {
        if (space && out.length() > start) {
          out.append(' ');
        }
        space = false;
        out.append(c);
      }
    }
    return out.toString();
  }
}
