package dev.caravan.delivery.tls;

import java.util.Locale;

/** What an operator wants of the way to the servers of a domain. */
public enum TlsLevel {
  /** Clear text, whatever is offered or published. */
  NONE,
  /** Encrypted where offered, else clear text; what is published with DANE or MTA-STS is kept. */
  OPPORTUNISTIC,
  /** Encrypted or not at all; what is published with DANE or MTA-STS is kept. */
  REQUIRED,
  /** Encrypted, with a certificate that an authority we trust gave to the server. */
  VERIFIED,
  /** Only to servers whose certificate the signed DNS names. */
  DANE,
  /** Only to servers that an MTA-STS policy names, with a certificate for that name. */
  MTA_STS;

  /**
   * The level of a text such as {@code mta-sts}.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static TlsLevel of(String text) {
    try {
      return valueOf(text.strip().toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "tls is none, opportunistic, required, verified, dane or mta-sts, not '" + text + "'", e);
    }
  }
}
