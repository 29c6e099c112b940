package dev.caravan.smtp;

import java.time.Duration;

/**
 * What one listener demands and offers.
 *
 * @param name such as {@code smtp}, {@code submission}
 * @param hostname our name in greetings and Received fields
 * @param passwordsInClear whether a password may come without TLS: for old devices on a safe wire
 * @param holdMax how far away a client may put the time a mail is sent at (RFC 4865)
 */
public record Listening(
    String name, String hostname, Tls tls, Auth auth, boolean passwordsInClear, Duration holdMax) {

  /** When a connection is encrypted. */
  public enum Tls {
    NONE,
    /** STARTTLS is offered where there is a certificate. */
    OPTIONAL,
    /** Nothing but STARTTLS is taken before it. */
    REQUIRED,
    /** From the first octet (RFC 8314, 3.3). */
    IMPLICIT
  }

  /** Whether clients log in. */
  public enum Auth {
    NONE,
    OPTIONAL,
    /** No mail without (RFC 6409, 4.3). */
    REQUIRED
  }
}
