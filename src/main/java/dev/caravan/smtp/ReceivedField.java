package dev.caravan.smtp;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The trace field we put before each mail (RFC 5321, 4.4). */
public final class ReceivedField {
  private ReceivedField() {}

  /** The whole field with its CRLF. The recipient is named only where there is just one. */
  public static String of(String hostname, MailId id, Origin origin, Envelope envelope) {
    StringBuilder field = new StringBuilder(256);
    field.append("Received: ");
    origin.peer().ifPresent(peer -> field.append("from ").append(from(origin.helo(), peer)));
    field.append("by ").append(hostname).append(" (Caravan) with ").append(protocol(origin));
    origin.tls().ifPresent(tls -> field.append(" (").append(tls.replace(' ', ':')).append(')'));
    field.append("\r\n\tid ").append(id);
    if (envelope.recipients().size() == 1) {
      EmailAddress only = envelope.recipients().getFirst();
      if (!only.isInternational()) {
        field.append(" for <").append(only).append('>');
      }
    }
    field.append(";\r\n\t").append(MailDate.of(origin.at())).append("\r\n");
    return field.toString();
  }

  private static String from(String helo, InetSocketAddress peer) {
    return safe(helo) + " (" + literal(peer) + ")\r\n\t";
  }

  private static String literal(InetSocketAddress peer) {
    String address = peer.getAddress().getHostAddress();
    int zone = address.indexOf('%');
    address = zone < 0 ? address : address.substring(0, zone);
    return peer.getAddress() instanceof Inet6Address
        ? "[IPv6:" + address + "]"
        : "[" + address + "]";
  }

  private static String protocol(Origin origin) {
    Optional<String> user = origin.user();
    return switch (origin.source()) {
      case SMTP ->
          !origin.extended()
              ? "SMTP"
              : "ESMTP" + (origin.tls().isPresent() ? "S" : "") + (user.isPresent() ? "A" : "");
      case JMS, HTTP, BOUNCE -> origin.source().name();
    };
  }

  /** What a client says of itself goes into a header field only as far as a domain may look. */
  private static String safe(String helo) {
    StringBuilder clean = new StringBuilder(helo.length());
    for (int i = 0; i < helo.length(); i++) {
      char c = helo.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-._:[]".indexOf(c) >= 0;
      clean.append(plain ? c : '?');
    }
    return clean.isEmpty() ? "unknown" : clean.toString();
  }
}
