package dev.caravan.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.james.mime4j.codec.DecoderUtil;

/** Text of header fields as people see it. */
final class Text {
  private Text() {}

  /** With encoded words (RFC 2047) decoded, and 8-bit octets as in {@link #utf8}. */
  static String decoded(String field) {
    return DecoderUtil.decodeEncodedWords(utf8(field), StandardCharsets.UTF_8);
  }

  /**
   * Octets that were read as ISO 8859-1 characters, as the UTF-8 that they are; unchanged when they
   * are none.
   */
  static String utf8(String octets) {
    if (octets.chars().anyMatch(c -> c > 0xff)) {
      return octets;
    }
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
