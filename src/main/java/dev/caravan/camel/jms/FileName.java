package dev.caravan.camel.jms;

import java.nio.charset.StandardCharsets;

/** The name of an attachment as a parameter of Content-Disposition (RFC 2183, RFC 2231). */
final class FileName {
  private static final int OCTETS_MAX = 255;

  private FileName() {}

  /** Quoted where it is ASCII, else percent-encoded UTF-8. */
  static String parameter(String name) throws RefusedException {
    HeaderText.requireOneLine("the name of an attachment", name);
    byte[] octets = name.getBytes(StandardCharsets.UTF_8);
    if (name.isBlank() || octets.length > OCTETS_MAX) {
      throw new RefusedException("5.6.0", "the name of an attachment has 1 to 255 octets");
    }
    boolean ascii = name.chars().allMatch(c -> c >= ' ' && c < 127);
    return ascii
        ? "filename=\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
        : "filename*=utf-8''" + percent(octets);
  }

  private static String percent(byte[] octets) {
    StringBuilder encoded = new StringBuilder(octets.length * 3);
    for (byte b : octets) {
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '.'
              || b == '-'
              || b == '_';
      if (plain) {
        encoded.append((char) b);
      } else {
        encoded.append(String.format("%%%02X", b & 0xFF));
      }
    }
    return encoded.toString();
  }
}
