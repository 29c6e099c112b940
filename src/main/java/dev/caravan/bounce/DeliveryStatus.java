package dev.caravan.bounce;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import dev.caravan.smtp.Xtext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The part of a report that machines read (RFC 3464, 2): fields of the message, then for each
 * recipient an empty line and its fields.
 */
final class DeliveryStatus {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,253}");

  private final StringBuilder text = new StringBuilder(1024);
  private final boolean utf8;

  private DeliveryStatus(boolean utf8) {
    this.utf8 = utf8;
  }

  /**
   * @param peer {@code host[address]:port}; empty when no server was reached
   * @param retryUntil present in a warning, empty in a failure
   * @param utf8 whether the report itself may hold UTF-8 (RFC 6533)
   */
  static String of(
      String hostname,
      QueuedMail mail,
      List<Report> reports,
      String peer,
      Optional<Instant> retryUntil,
      Instant now,
      boolean utf8) {
    DeliveryStatus s = new DeliveryStatus(utf8);
    s.field("Reporting-MTA", "dns; " + mta(hostname).orElse("localhost"));
    s.envelopeId(mail);
    s.field("Arrival-Date", MailDate.of(mail.queuedAt()));
    s.field("X-Caravan-Mail-Id", mail.id().value());
    for (Report report : reports) {
      s.recipient(mail, report, peer, retryUntil, now);
    }
    return s.text.toString();
  }

  /** As the client sent it, which was in xtext (RFC 3464, 2.2.1). */
  private void envelopeId(QueuedMail mail) {
    Xtext.decode(mail.envelope().options().envelopeId())
        .map(id -> Lines.clean(id, true).strip())
        .filter(id -> !id.isEmpty())
        .ifPresent(id -> field("Original-Envelope-Id", id));
  }

  /** {@code rfc822;Bob+2Bx@example.com} to {@code rfc822; Bob+x@example.com} (RFC 3464, 2.3.1). */
  private void originalRecipient(QueuedMail mail, Report report) {
    String original = mail.envelope().dsn(report.recipient()).originalRecipient();
    int semicolon = original.indexOf(';');
    if (semicolon < 1) {
      return;
    }
    String type = Lines.clean(original.substring(0, semicolon), true);
    String written = original.substring(semicolon + 1);
    String address =
        type.equalsIgnoreCase("utf-8")
            ? utf8 ? written : xtext(written)
            : Xtext.decode(written).orElse("");
    String clean = Lines.clean(address, !utf8).strip();
    if (!clean.isEmpty()) {
      field("Original-Recipient", type + "; " + clean);
    }
  }

  private void recipient(
      QueuedMail mail, Report report, String peer, Optional<Instant> retryUntil, Instant now) {
    text.append("\r\n");
    originalRecipient(mail, report);
    field("Final-Recipient", address(report.recipient()));
    field("Action", report.action().word());
    field("Status", report.status().toString());
    mta(host(peer)).ifPresent(remote -> field("Remote-MTA", "dns; " + remote));
    // The type says whose words these are: "smtp" means a remote server's (RFC 3464, 2.3.6).
    String type = isLocal(report.reply(), peer) ? "X-Caravan" : "smtp";
    diagnostic(type + "; " + report.reply());
    field("Last-Attempt-Date", MailDate.of(now));
    retryUntil.ifPresent(until -> field("Will-Retry-Until", MailDate.of(until)));
  }

  /** Whether no server said this: our own words begin with the server's name. */
  static boolean isLocal(SmtpReply reply, String peer) {
    return peer.isEmpty() || reply.text().startsWith(peer);
  }

  private String address(EmailAddress address) {
    if (!address.isInternational()) {
      return "rfc822; " + address;
    }
    return "utf-8; " + (utf8 ? address.toString() : xtext(escaped(address.toString())));
  }

  /** What would begin an escape is escaped itself. */
  private static String escaped(String address) {
    return address.replace("\\", "\\x{5C}").replace("+", "\\x{2B}").replace("=", "\\x{3D}");
  }

  /** An international address in ASCII (RFC 6533, 3: utf-8-addr-xtext). */
  private static String xtext(String address) {
    StringBuilder ascii = new StringBuilder(address.length() * 4);
    address
        .codePoints()
        .forEach(
            c -> {
              if (c > ' ' && c < 127) {
                ascii.append((char) c);
              } else {
                ascii.append("\\x{").append(String.format("%02X", c)).append('}');
              }
            });
    return ascii.toString();
  }

  /** {@code host[address]:port} to {@code host}. */
  private static String host(String peer) {
    int end = peer.indexOf('[');
    return end > 0 ? peer.substring(0, end) : peer;
  }

  /** A host name, or an address in brackets; empty when it is neither. */
  private static Optional<String> mta(String host) {
    if (IPV4.matcher(host).matches()) {
      return Optional.of("[" + host + "]");
    }
    if (IPV6.matcher(host).matches()) {
      return Optional.of("[IPv6:" + host + "]");
    }
    boolean literal = host.startsWith("[") && host.endsWith("]") && host.length() < 60;
    return NAME.matcher(host).matches() || literal && Lines.clean(host, true).equals(host)
        ? Optional.of(host)
        : Optional.empty();
  }

  /**
   * A value that is short and safe by its kind: never broken, for a reader would join it wrongly.
   */
  private void field(String name, String value) {
    line(name + ": " + value);
  }

  /** The words of somebody else. */
  private void diagnostic(String words) {
    Lines.fold("Diagnostic-Code: ", "    ", Lines.clean(words, !utf8)).forEach(this::line);
  }

  private void line(String line) {
    text.append(line).append("\r\n");
  }
}
