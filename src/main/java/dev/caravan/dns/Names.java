package dev.caravan.dns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.xbill.DNS.Name;

/** Names as text and as the wire has them (RFC 1035, 3.1), without the escapes of zone files. */
final class Names {
  private static final int MAX_WIRE = 255;
  private static final int MAX_LABEL = 63;

  private Names() {}

  /**
   * The name of this text, a trailing dot allowed; empty when it is none: an empty or too long
   * label, too long in all, or not ASCII.
   */
  static Optional<Name> parse(String text) {
    String bare = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    if (bare.isEmpty() || bare.length() > MAX_WIRE) {
      return Optional.empty();
    }
    ByteArrayOutputStream wire = new ByteArrayOutputStream(bare.length() + 2);
    for (String label : bare.split("\\.", -1)) {
      if (label.isEmpty() || label.length() > MAX_LABEL) {
        return Optional.empty();
      }
      wire.write(label.length());
      for (int i = 0; i < label.length(); i++) {
        char c = label.charAt(i);
        if (c >= 128) {
          return Optional.empty();
        }
        wire.write(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
      }
    }
    wire.write(0);
    try {
      return wire.size() > MAX_WIRE ? Optional.empty() : Optional.of(new Name(wire.toByteArray()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The text of a name without trailing dot, the root as the empty text; nothing for a name that
   * holds a dot in a label, a blank, a control or a non-ASCII octet: nobody's host is called so.
   */
  static Optional<String> text(Name name) {
    StringBuilder out = new StringBuilder(name.length());
    for (int i = 0; i < name.labels() - 1; i++) {
      byte[] label = name.getLabel(i);
      if (i > 0) {
        out.append('.');
      }
      for (int j = 1; j <= label[0]; j++) {
        char c = (char) (label[j] & 0xFF);
        if (c <= ' ' || c >= 127 || c == '.') {
          return Optional.empty();
        }
        out.append(c);
      }
    }
    return Optional.of(out.toString());
  }
}
