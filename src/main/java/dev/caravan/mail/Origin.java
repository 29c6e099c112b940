package dev.caravan.mail;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a mail comes from, as far as we know it ourselves.
 *
 * @param source the door it came in by
 * @param peer address and port of the client; empty for mail of our own
 * @param helo what the client said in HELO or EHLO; empty before it has
 * @param extended whether it said EHLO (its mail is "with ESMTP")
 * @param user the authenticated user or application, if any
 * @param tls protocol and cipher, e.g. {@code TLSv1.3 TLS_AES_128_GCM_SHA256}; empty in clear text
 * @param trusted whether it may relay to any domain: its address is in the relay networks, or it
 *     has authenticated, or it is ourselves
 * @param at when the client connected or the mail was received
 */
public record Origin(
    Source source,
    Optional<InetSocketAddress> peer,
    String helo,
    boolean extended,
    Optional<String> user,
    Optional<String> tls,
    boolean trusted,
    Instant at) {

  /** The door a mail came in by. */
  public enum Source {
    SMTP,
    JMS,
    HTTP,
    /** A report that we made ourselves. */
    BOUNCE;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A client that has just connected over SMTP. */
  public static Origin smtp(InetSocketAddress peer, boolean trusted, Instant at) {
    return new Origin(
        Source.SMTP, Optional.of(peer), "", false, Optional.empty(), Optional.empty(), trusted, at);
  }

  /** A mail of our own. */
  public static Origin bounce(Instant at) {
    return new Origin(
        Source.BOUNCE, Optional.empty(), "", false, Optional.empty(), Optional.empty(), true, at);
  }

  /** An application that authenticated to the broker. */
  public static Origin jms(Optional<String> user, Instant at) {
    return new Origin(Source.JMS, Optional.empty(), "", false, user, Optional.empty(), true, at);
  }

  public Origin withHelo(String name, boolean esmtp) {
    return new Origin(source, peer, name, esmtp, user, tls, trusted, at);
  }

  public Origin withAt(Instant instant) {
    return new Origin(source, peer, helo, extended, user, tls, trusted, instant);
  }

  /** The client's IP address as text; empty when there is none. */
  public String address() {
    return peer.map(p -> p.getAddress().getHostAddress()).orElse("");
  }
}
