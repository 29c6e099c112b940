package dev.caravan.policy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parameters of MIME header fields with the continuations and charsets of RFC 2231. */
final class Parameters {
  private static final int PIECES_MAX = 100;
  private static final Pattern PARAMETER =
      Pattern.compile(
          ";\\s*([A-Za-z0-9_-]{1,60})(?:\\*(\\d{1,3}))?(\\*)?\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^;]*+))",
          Pattern.DOTALL);

  private Parameters() {}

  private record Piece(String text, boolean encoded) {}

  /** The value of a parameter, decoded; empty when there is none. */
  static String get(String body, String name) {
    Map<Integer, Piece> pieces = new TreeMap<>();
    Matcher m = PARAMETER.matcher(";" + body.substring(Math.max(0, body.indexOf(';') + 1)));
    while (m.find() && pieces.size() < PIECES_MAX) {
      if (m.group(1).equalsIgnoreCase(name)) {
        int index = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
        String text =
            m.group(4) != null
                ? m.group(4).replaceAll("\\\\(.)", "$1")
                : String.valueOf(m.group(5)).strip();
        // A plain parameter beside an extended one is for old readers (RFC 5987, 4.2).
        if (!pieces.containsKey(index) || m.group(3) != null) {
          pieces.put(index, new Piece(text, m.group(3) != null));
        }
      }
    }
    return join(pieces);
  }

  private static String join(Map<Integer, Piece> pieces) {
    Charset charset = StandardCharsets.UTF_8;
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    boolean first = true;
    for (Piece piece : pieces.values()) {
      String text = piece.text();
      if (piece.encoded() && first) {
        String[] parts = text.split("'", 3);
        if (parts.length == 3) {
          charset = charset(parts[0]);
          text = parts[2];
        }
      }
      first = false;
      octets.writeBytes(piece.encoded() ? percentDecoded(text) : text.getBytes(charset));
    }
    return octets.toString(charset);
  }

  private static byte[] percentDecoded(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%'
          && i + 2 < text.length()
          && text.substring(i + 1, i + 3).matches("[0-9A-Fa-f]{2}")) {
        out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static Charset charset(String name) {
    try {
      return Charset.forName(name);
    } catch (IllegalArgumentException e) {
      return StandardCharsets.UTF_8;
    }
  }
}
