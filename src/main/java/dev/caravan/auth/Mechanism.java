package dev.caravan.auth;

import java.util.Optional;

/** One exchange of a SASL mechanism (RFC 4422), as the server. Used once. */
interface Mechanism {
  /**
   * What comes next. May block.
   *
   * @param response of the client; empty only at first, without an initial response
   */
  Attempt next(Optional<byte[]> response);

  /** Text of a message; empty when it is no UTF-8. */
  static Optional<String> text(byte[] octets) {
    try {
      return Optional.of(
          java.nio.charset.StandardCharsets.UTF_8
              .newDecoder()
              .decode(java.nio.ByteBuffer.wrap(octets))
              .toString());
    } catch (java.nio.charset.CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
