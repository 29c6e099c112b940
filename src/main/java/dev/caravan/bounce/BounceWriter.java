package dev.caravan.bounce;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Writes delivery status notifications (RFC 3464, in the multipart/report of RFC 6522): a part for
 * people, a part for machines, and the original header fields. From {@code <>} to the sender; 7-bit
 * clean unless the sender's own address is not (RFC 6533). Safe for use by many threads.
 */
public final class BounceWriter {
  private static final Pattern MESSAGE_ID = Pattern.compile("<[!-;=?-~]{3,250}>");
  private static final Header NO_HEADER = new Header(List.of(), 0);

  private static final long RETURN_MAX = 50 * 1024;

  private final String hostname;
  private final long returnMax;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param hostname our name, as Reporting-MTA
   * @param returnMax octets of a mail that is returned whole to a sender who asked so; of a larger
   *     one the header
   */
  public BounceWriter(String hostname, long returnMax) {
    this(hostname, returnMax, Clock.systemUTC(), new SecureRandom());
  }

  /** For tests: with a clock and chance of one's own. */
  public BounceWriter(String hostname, InstantSource clock, RandomGenerator random) {
    this(hostname, RETURN_MAX, clock, random);
  }

  private BounceWriter(
      String hostname, long returnMax, InstantSource clock, RandomGenerator random) {
    this.hostname = hostname;
    this.returnMax = returnMax;
    this.clock = clock;
    this.random = random;
  }

  /**
   * That delivery has failed for good.
   *
   * @param peer the server that answered, {@code host[address]:port}; empty when none did
   * @return empty when nobody can be told: for a mail from {@code <>}, which never bounces, or from
   *     the MAILER-DAEMON of our own host name, whose mail nobody reads
   */
  public Optional<Mail> failure(QueuedMail mail, List<Report> failed, String peer) {
    return report(mail, failed, peer, Optional.empty());
  }

  /**
   * That delivery is late but still tried.
   *
   * @return empty as for {@link #failure}, and for mail that no person is waiting for, automatic
   *     mail (RFC 3834) and bulk mail, unless it was asked for
   */
  public Optional<Mail> delay(
      QueuedMail mail, List<Report> deferred, String peer, Instant retryUntil) {
    List<Report> wanted =
        isAutomatic(header(mail))
            ? deferred.stream().filter(r -> hasAsked(mail, r)).toList()
            : deferred;
    return report(mail, wanted, peer, Optional.of(retryUntil));
  }

  private static boolean hasAsked(QueuedMail mail, Report report) {
    return !mail.envelope().dsn(report.recipient()).notifications().isEmpty();
  }

  /**
   * That delivery has succeeded: for those who asked (RFC 3461, 4.1).
   *
   * @return empty as for {@link #failure}
   */
  public Optional<Mail> success(QueuedMail mail, List<Report> delivered, String peer) {
    return report(mail, delivered, peer, Optional.empty());
  }

  private Optional<Mail> report(
      QueuedMail mail, List<Report> reports, String peer, Optional<Instant> retryUntil) {
    Optional<EmailAddress> sender = mail.envelope().sender().address();
    if (sender.isEmpty() || reports.isEmpty() || isOurDaemon(sender.get())) {
      return Optional.empty();
    }
    boolean utf8 = sender.get().isInternational();
    Header header = header(mail);
    Instant now = clock.instant();
    MailId id = MailId.next(clock, random);
    ReportPart original = original(mail, header, reports, utf8);
    boolean eightBit = utf8 || original.isEightBit();
    String human = Notification.of(hostname, mail, header, reports, peer, retryUntil);
    List<ReportPart> parts =
        List.of(
            ReportPart.text(
                "text/plain; charset=" + (Lines.isAscii(human) ? "us-ascii" : "utf-8"),
                "Notification",
                human),
            ReportPart.text(
                utf8 ? "message/global-delivery-status" : "message/delivery-status",
                "Delivery report",
                DeliveryStatus.of(hostname, mail, reports, peer, retryUntil, now, utf8)),
            original);
    ByteArrayOutputStream out = new ByteArrayOutputStream(8 * 1024);
    String boundary = "=_" + id.value();
    write(out, fields(id, sender.get(), header, now, subject(reports), eightBit, boundary));
    write(out, "\r\nThis is a delivery status notification in MIME format.\r\n");
    for (ReportPart part : parts) {
      write(out, "\r\n--" + boundary + "\r\n");
      part.writeTo(out, eightBit);
    }
    write(out, "\r\n--" + boundary + "--\r\n");
    MailOptions options =
        MailOptions.of(
            eightBit ? MailOptions.Body.EIGHT_BIT_MIME : MailOptions.Body.SEVEN_BIT, utf8);
    boolean requireTls = mail.envelope().options().requireTls();
    Envelope envelope =
        new Envelope(
            ReversePath.NULL,
            List.of(sender.get()),
            requireTls ? options.withRequireTls() : options);
    return Optional.of(new Mail(id, Origin.bounce(now), envelope, Content.of(out.toByteArray())));
  }

  /**
   * The whole mail where its sender asked for it and something has failed, else its header (RFC
   * 3461, 4.3). What was to travel encrypted only (RFC 8689, 5), is too large, or is no text for a
   * 7-bit or 8-bit mail, does not come back whole.
   */
  private ReportPart original(QueuedMail mail, Header header, List<Report> reports, boolean utf8) {
    MailOptions options = mail.envelope().options();
    boolean whole =
        options.returned() == MailOptions.Returned.FULL
            && !options.requireTls()
            && mail.content().size() <= returnMax
            && reports.stream().anyMatch(r -> r.action().isFailure());
    boolean global = utf8 || mail.envelope().smtpUtf8() && !isAscii(header);
    if (whole) {
      try {
        byte[] octets = mail.content().toBytes();
        if (ReportPart.isProper(octets)) {
          return new ReportPart(global ? "message/global" : "message/rfc822", "Your mail", octets);
        }
      } catch (UncheckedIOException e) {
        // it can't be read any more: then the header, as far as it is known
      }
    }
    return new ReportPart(
        global ? "message/global-headers" : "text/rfc822-headers",
        "Header of your mail",
        OriginalHeader.of(header).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean isAscii(Header header) {
    return header.fields().stream().allMatch(f -> Lines.isAscii(f.raw()));
  }

  private static String subject(List<Report> reports) {
    if (reports.stream().anyMatch(r -> r.action() == Report.Action.DELAYED)) {
      return "Your mail is delayed (still trying)";
    }
    if (reports.stream().anyMatch(r -> r.action().isFailure())) {
      return "Your mail could not be delivered";
    }
    return reports.stream().anyMatch(r -> r.action() == Report.Action.RELAYED)
        ? "Your mail was handed on (no further reports)"
        : "Your mail was delivered";
  }

  private String fields(
      MailId id,
      EmailAddress sender,
      Header header,
      Instant now,
      String subject,
      boolean eightBit,
      String boundary) {
    StringBuilder fields = new StringBuilder(1024);
    line(fields, "From: Mail Delivery System <MAILER-DAEMON@" + hostname + ">");
    line(fields, "To: <" + sender + ">");
    line(fields, "Subject: " + subject);
    line(fields, "Date: " + MailDate.of(now));
    line(fields, "Message-ID: <" + id + ".report@" + hostname + ">");
    String original = header.value("Message-ID");
    if (MESSAGE_ID.matcher(original).matches()) {
      line(fields, "In-Reply-To: " + original);
      line(fields, "References: " + original);
    }
    line(fields, "Auto-Submitted: auto-replied");
    line(fields, "MIME-Version: 1.0");
    line(fields, "Content-Type: multipart/report; report-type=delivery-status;");
    line(fields, "\tboundary=\"" + boundary + "\"");
    if (eightBit) {
      line(fields, "Content-Transfer-Encoding: 8bit");
    }
    return fields.toString();
  }

  /** The mail's header; a mail whose file can't be read any more is still reported. */
  private static Header header(QueuedMail mail) {
    try {
      return mail.content().header();
    } catch (UncheckedIOException e) {
      return NO_HEADER;
    }
  }

  private boolean isOurDaemon(EmailAddress sender) {
    return sender.localPart().equalsIgnoreCase("MAILER-DAEMON")
        && sender.domain().name().equalsIgnoreCase(hostname);
  }

  private static boolean isAutomatic(Header header) {
    String submitted = header.value("Auto-Submitted").toLowerCase(Locale.ROOT);
    return !submitted.isEmpty() && !submitted.startsWith("no")
        || switch (header.value("Precedence").toLowerCase(Locale.ROOT)) {
          case "bulk", "junk", "list" -> true;
          default -> false;
        };
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append("\r\n");
  }

  /** The header is ASCII unless the sender's address is not; then it is UTF-8 (RFC 6532). */
  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
