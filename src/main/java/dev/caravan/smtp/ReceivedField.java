package dev.caravan.smtp;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.TlsFacts;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** The trace field we put before each mail (RFC 5321, 4.4). */
public final class ReceivedField {
  private static final String DOMAIN_SPECIALS = "-._:[]";
  private static final String CERTIFICATE_SPECIALS = " -._:@=,+*/";
  private static final int TEXT_MAX = 255;

  private ReceivedField() {}

  /** The whole field with its CRLF. The recipient is named only where there is just one. */
  public static String of(String hostname, MailId id, Origin origin, Envelope envelope) {
    StringBuilder field = new StringBuilder(256);
    field.append("Received: ");
    origin.peer().ifPresent(peer -> field.append("from ").append(from(origin, peer)));
    field.append("by ").append(hostname).append(" (Caravan) with ");
    field.append(protocol(origin, envelope.options().smtpUtf8()));
    origin.tlsFacts().ifPresent(tls -> field.append(" (").append(encryption(tls)).append(')'));
    field.append("\r\n\tid ").append(id);
    if (envelope.recipients().size() == 1) {
      EmailAddress only = envelope.recipients().getFirst();
      if (!only.isInternational()) {
        field.append(" for <").append(only).append('>');
      }
    }
    // RFC 8314, 4.4; RFC 6710, 4.
    origin.tlsFacts().ifPresent(tls -> field.append(" tls ").append(safe(tls.cipher())));
    int priority = envelope.options().priority();
    if (priority != 0) {
      field.append(" priority ").append(priority);
    }
    field.append(";\r\n\t").append(MailDate.of(origin.at())).append("\r\n");
    return field.toString();
  }

  private static String from(Origin origin, InetSocketAddress peer) {
    String name = origin.reverseName().map(n -> safe(n) + ' ').orElse("");
    return safe(origin.helo()) + " (" + name + literal(peer) + ")\r\n\t";
  }

  /** Within a comment: version, cipher, and who the client's certificate is for. */
  private static String encryption(TlsFacts tls) {
    String client =
        tls.client().map(c -> ", client " + masked(c.subject(), CERTIFICATE_SPECIALS)).orElse("");
    return safe(tls.protocol()) + ':' + safe(tls.cipher()) + client;
  }

  private static String literal(InetSocketAddress peer) {
    String address = peer.getAddress().getHostAddress();
    int zone = address.indexOf('%');
    address = zone < 0 ? address : address.substring(0, zone);
    return peer.getAddress() instanceof Inet6Address
        ? "[IPv6:" + address + "]"
        : "[" + address + "]";
  }

  /** RFC 3848; RFC 6531, 4.3. */
  private static String protocol(Origin origin, boolean smtpUtf8) {
    if (origin.source() != Origin.Source.SMTP) {
      return origin.source().name();
    }
    if (!origin.extended()) {
      return "SMTP";
    }
    return (smtpUtf8 ? "UTF8SMTP" : "ESMTP")
        + (origin.tlsFacts().isPresent() ? "S" : "")
        + (origin.user().isPresent() ? "A" : "");
  }

  /** What a client says of itself goes into a header field only as far as a domain may look. */
  private static String safe(String helo) {
    return masked(helo, DOMAIN_SPECIALS);
  }

  private static String masked(String text, String specials) {
    int length = Math.min(text.length(), TEXT_MAX);
    StringBuilder clean = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || specials.indexOf(c) >= 0;
      clean.append(plain ? c : '?');
    }
    return clean.isEmpty() ? "unknown" : clean.toString();
  }
}
