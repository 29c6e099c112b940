package dev.caravan.bounce;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Writes delivery status notifications (RFC 3464, in the multipart/report of RFC 6522): a part for
 * people, a part for machines, and the original header fields. Safe for use by many threads.
 */
public final class BounceWriter {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int HEADER_MAX = 64 * 1024;
  private static final int LINE_MAX = 900;

  private final String hostname;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param hostname our name, as Reporting-MTA
   */
  public BounceWriter(String hostname) {
    this(hostname, Clock.systemUTC(), new SecureRandom());
  }

  BounceWriter(String hostname, InstantSource clock, RandomGenerator random) {
    this.hostname = hostname;
    this.clock = clock;
    this.random = random;
  }

  /**
   * That delivery has failed for good.
   *
   * @param peer the server that answered; empty when none did
   * @return empty for a mail from {@code <>}, which never bounces
   */
  public Optional<Mail> failure(QueuedMail mail, List<Report> failed, String peer) {
    return report(mail, failed, peer, Optional.empty());
  }

  /**
   * That delivery is late but still tried.
   *
   * @return empty for a mail from {@code <>}
   */
  public Optional<Mail> delay(
      QueuedMail mail, List<Report> deferred, String peer, Instant retryUntil) {
    return report(mail, deferred, peer, Optional.of(retryUntil));
  }

  private Optional<Mail> report(
      QueuedMail mail, List<Report> reports, String peer, Optional<Instant> retryUntil) {
    Optional<EmailAddress> sender = mail.envelope().sender().address();
    if (sender.isEmpty() || reports.isEmpty()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    MailId id = MailId.next(clock, random);
    boolean utf8 =
        sender.get().isInternational()
            || reports.stream().anyMatch(r -> r.recipient().isInternational());
    String boundary = "=_" + id.value() + "/" + hostname;
    StringBuilder text = new StringBuilder(2048);
    line(text, "From: Mail Delivery System <MAILER-DAEMON@" + hostname + ">");
    line(text, "To: <" + sender.get() + ">");
    line(
        text,
        "Subject: "
            + (retryUntil.isPresent()
                ? "Your mail is delayed (still trying)"
                : "Your mail could not be delivered"));
    line(text, "Date: " + DATE.format(now));
    line(text, "Message-ID: <" + id.value() + ".report@" + hostname + ">");
    line(text, "Auto-Submitted: auto-replied");
    line(text, "MIME-Version: 1.0");
    line(text, "Content-Type: multipart/report; report-type=delivery-status;");
    line(text, "\tboundary=\"" + boundary + "\"");
    if (utf8) {
      line(text, "Content-Transfer-Encoding: 8bit");
    }
    line(text, "");
    line(text, "This is a delivery status notification in MIME format.");
    line(text, "");
    line(text, "--" + boundary);
    forPeople(text, mail, reports, retryUntil, utf8);
    line(text, "");
    line(text, "--" + boundary);
    forMachines(text, mail, reports, peer, retryUntil, now, utf8);
    line(text, "--" + boundary);
    original(text, mail, utf8);
    line(text, "--" + boundary + "--");
    Envelope envelope =
        new Envelope(
            ReversePath.NULL,
            List.of(sender.get()),
            utf8 ? Envelope.Body.EIGHT_BIT_MIME : Envelope.Body.SEVEN_BIT,
            utf8);
    return Optional.of(new Mail(id, Origin.bounce(now), envelope, Content.of(text.toString())));
  }

  private void forPeople(
      StringBuilder text,
      QueuedMail mail,
      List<Report> reports,
      Optional<Instant> retryUntil,
      boolean utf8) {
    line(text, "Content-Type: text/plain; charset=" + (utf8 ? "utf-8" : "us-ascii"));
    if (utf8) {
      line(text, "Content-Transfer-Encoding: 8bit");
    }
    line(text, "Content-Description: Notification");
    line(text, "");
    line(text, "This is the mail system at " + hostname + ".");
    line(text, "");
    if (retryUntil.isPresent()) {
      line(text, "Your mail has not yet been delivered to the recipients below. You need not send");
      line(text, "it again: it will be tried until " + DATE.format(retryUntil.get()) + ".");
    } else {
      line(text, "Your mail could not be delivered to the recipients below, and it will not be");
      line(text, "tried again. Please check the addresses and the reasons, then send it again or");
      line(text, "ask the recipient's postmaster.");
    }
    for (Report report : reports) {
      line(text, "");
      line(text, "<" + report.recipient() + ">");
      for (String said : report.reply().lines()) {
        line(text, "    " + printable(said, utf8));
      }
    }
    line(text, "");
    line(text, "Mail id: " + mail.id());
  }

  private void forMachines(
      StringBuilder text,
      QueuedMail mail,
      List<Report> reports,
      String peer,
      Optional<Instant> retryUntil,
      Instant now,
      boolean utf8) {
    line(
        text,
        utf8
            ? "Content-Type: message/global-delivery-status"
            : "Content-Type: message/delivery-status");
    if (utf8) {
      line(text, "Content-Transfer-Encoding: 8bit");
    }
    line(text, "Content-Description: Delivery report");
    line(text, "");
    line(text, "Reporting-MTA: dns; " + hostname);
    line(text, "X-Caravan-Mail-Id: " + mail.id());
    line(text, "Arrival-Date: " + DATE.format(mail.queuedAt()));
    for (Report report : reports) {
      line(text, "");
      line(
          text,
          "Final-Recipient: "
              + (report.recipient().isInternational() ? "utf-8; " : "rfc822; ")
              + report.recipient());
      line(text, "Action: " + (retryUntil.isPresent() ? "delayed" : "failed"));
      line(text, "Status: " + report.reply().status());
      String remote = host(peer);
      if (!remote.isEmpty()) {
        line(text, "Remote-MTA: dns; " + printable(remote, false));
      }
      line(text, "Diagnostic-Code: smtp; " + diagnostic(report.reply(), utf8));
      line(text, "Last-Attempt-Date: " + DATE.format(now));
      retryUntil.ifPresent(until -> line(text, "Will-Retry-Until: " + DATE.format(until)));
    }
    line(text, "");
  }

  private void original(StringBuilder text, QueuedMail mail, boolean utf8) {
    line(text, utf8 ? "Content-Type: message/global-headers" : "Content-Type: text/rfc822-headers");
    if (utf8) {
      line(text, "Content-Transfer-Encoding: 8bit");
    }
    line(text, "Content-Description: Header of your mail");
    line(text, "");
    int length = 0;
    for (Header.Field field : mail.content().header().fields()) {
      length += field.raw().length();
      if (length > HEADER_MAX) {
        break;
      }
      for (String one : field.raw().split("\r?\n")) {
        if (!one.isBlank()) {
          line(text, printable(one, false));
        }
      }
    }
    line(text, "");
  }

  /** {@code host[address]:port} to {@code host}. */
  private static String host(String peer) {
    int end = peer.indexOf('[');
    return end > 0 ? peer.substring(0, end) : peer;
  }

  private static String diagnostic(SmtpReply reply, boolean utf8) {
    return printable(reply.toString(), utf8);
  }

  /** One line that fits; what is no printable ASCII (or, in a UTF-8 report, a control) is "?". */
  private static String printable(String text, boolean utf8) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), LINE_MAX));
    for (int i = 0; i < text.length() && clean.length() < LINE_MAX; i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 127 || c == '\t';
      clean.append(plain || utf8 && c >= 0xA0 && !Character.isSurrogate(c) ? c : '?');
    }
    return clean.toString();
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append("\r\n");
  }
}
