package dev.caravan.mail;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a mail comes from, as far as we know it ourselves.
 *
 * @param source the door it came in by
 * @param listener the name of the listener it came in by; empty where there is none
 * @param peer address and port of the client; empty for mail of our own
 * @param reverseName the client's name, when a look-up has found and confirmed one
 * @param helo what the client said in HELO or EHLO; empty before it has
 * @param extended whether it said EHLO (its mail is "with ESMTP")
 * @param user the authenticated user or application, if any
 * @param tlsFacts of the connection; empty in clear text
 * @param trusted whether it may relay to any domain: its address is in the relay networks, or it
 *     has authenticated, or it is ourselves
 * @param at when the client connected or the mail was received
 */
public record Origin(
    Source source,
    String listener,
    Optional<InetSocketAddress> peer,
    Optional<String> reverseName,
    String helo,
    boolean extended,
    Optional<String> user,
    Optional<TlsFacts> tlsFacts,
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
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A client that has just connected over SMTP. */
  public static Origin smtp(String listener, InetSocketAddress peer, boolean trusted, Instant at) {
    return new Origin(
        Source.SMTP,
        listener,
        Optional.of(peer),
        Optional.empty(),
        "",
        false,
        Optional.empty(),
        Optional.empty(),
        trusted,
        at);
  }

  /** A client of the relay listener that has just connected over SMTP. */
  public static Origin smtp(InetSocketAddress peer, boolean trusted, Instant at) {
    return smtp("smtp", peer, trusted, at);
  }

  /** A mail of our own. */
  public static Origin bounce(Instant at) {
    return inside(Source.BOUNCE, Optional.empty(), at);
  }

  /** An application that authenticated to the broker. */
  public static Origin jms(Optional<String> user, Instant at) {
    return inside(Source.JMS, user, at);
  }

  /** An application that authenticated over HTTP. */
  public static Origin http(String user, Instant at) {
    return inside(Source.HTTP, Optional.of(user), at);
  }

  private static Origin inside(Source source, Optional<String> user, Instant at) {
    return new Origin(
        source,
        "",
        Optional.empty(),
        Optional.empty(),
        "",
        false,
        user,
        Optional.empty(),
        true,
        at);
  }

  public Origin withHelo(String name, boolean esmtp) {
    return new Origin(
        source, listener, peer, reverseName, name, esmtp, user, tlsFacts, trusted, at);
  }

  public Origin withAt(Instant instant) {
    return new Origin(
        source, listener, peer, reverseName, helo, extended, user, tlsFacts, trusted, instant);
  }

  /** Another client behind the same proxy: its name and who it is are not known yet. */
  public Origin withPeer(InetSocketAddress other, boolean mayRelay) {
    return new Origin(
        source,
        listener,
        Optional.of(other),
        Optional.empty(),
        "",
        false,
        Optional.empty(),
        tlsFacts,
        mayRelay,
        at);
  }

  public Origin withReverseName(Optional<String> name) {
    return new Origin(source, listener, peer, name, helo, extended, user, tlsFacts, trusted, at);
  }

  /** The same client after it has logged in; from then on it may relay. */
  public Origin withUser(String name) {
    return new Origin(
        source, listener, peer, reverseName, helo, extended, Optional.of(name), tlsFacts, true, at);
  }

  /** The same client over TLS: what it said before is forgotten (RFC 3207, 4.2). */
  public Origin withTls(TlsFacts facts, boolean mayRelay) {
    return new Origin(
        source,
        listener,
        peer,
        reverseName,
        "",
        false,
        Optional.empty(),
        Optional.of(facts),
        mayRelay,
        at);
  }

  /** Protocol and cipher, for people: {@code TLSv1.3 TLS_AES_128_GCM_SHA256}; empty without. */
  public Optional<String> tls() {
    return tlsFacts.map(TlsFacts::text);
  }

  /** The client's IP address as text; empty when there is none. */
  public String address() {
    return peer.map(p -> p.getAddress().getHostAddress()).orElse("");
  }
}
