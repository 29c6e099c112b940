package dev.caravan.delivery;

import java.util.Locale;

/** How a connection to the next hop is encrypted. */
public enum TlsMode {
  /** In clear text. */
  NONE,
  /** Encrypted where offered, whoever the server is; else in clear text. */
  OPPORTUNISTIC,
  /** Encrypted, whoever the server is; else not at all. */
  REQUIRED,
  /** Encrypted, and the certificate is valid for the server's name; else not at all. */
  VERIFIED,
  /** As verified, from the first octet (port 465). */
  IMPLICIT;

  static TlsMode of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
