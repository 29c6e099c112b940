package dev.caravan.delivery;

import java.util.Locale;

/** When a message goes by BDAT (RFC 3030) to a server that offers it. */
enum Chunking {
  /** Only when it is binary and can go in no other way. */
  BINARY,
  /** Always: as it is, without dots to be doubled. */
  ALWAYS,
  /**
   * Always, and a small message over a new connection at once with the envelope: that saves a round
   * trip. A connection that is lost then may leave a duplicate.
   */
  PIPELINED;

  static Chunking of(String text) {
    return valueOf(text.strip().toUpperCase(Locale.ROOT));
  }
}
