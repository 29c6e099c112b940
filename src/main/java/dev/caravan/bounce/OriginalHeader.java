package dev.caravan.bounce;

import dev.caravan.mail.Header;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The header fields of the mail that is reported, as far as they are worth sending back. */
final class OriginalHeader {
  private static final int OCTETS_MAX = 64 * 1024;
  private static final Pattern LINE_END = Pattern.compile("\r?\n");

  private OriginalHeader() {}

  /** The fields from the top, up to 64 KB; each line ends in CRLF; octets as ISO 8859-1. */
  static String of(Header header) {
    StringBuilder text = new StringBuilder(4096);
    for (Header.Field field : header.fields()) {
      if (text.length() + field.raw().length() > OCTETS_MAX) {
        break;
      }
      for (String line : LINE_END.split(field.raw())) {
        // An empty line would end the header.
        if (!line.isBlank()) {
          text.append(line.replace('\r', ' ').replace('\0', '?')).append("\r\n");
        }
      }
    }
    return text.toString();
  }

  /** Octets as ISO 8859-1 read as the UTF-8 they most likely are; unchanged when they are not. */
  static String utf8(String octets) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return octets;
    }
  }
}
