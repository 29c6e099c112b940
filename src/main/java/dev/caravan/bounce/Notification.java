package dev.caravan.bounce;

import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.Header;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/**
 * The part of a report that people read: what happened, to whom, the server's words, what to do.
 */
final class Notification {
  private static final int SUBJECT_MAX = 200;

  private final StringBuilder text = new StringBuilder(1024);

  private Notification() {}

  static String of(
      String hostname,
      QueuedMail mail,
      Header header,
      List<Report> reports,
      String peer,
      Optional<Instant> retryUntil) {
    Notification n = new Notification();
    n.paragraph("This is the mail system at " + hostname + ".");
    n.line("");
    n.paragraph(summary(reports, retryUntil));
    for (Report report : reports) {
      n.recipient(report, peer);
    }
    n.line("");
    n.line("Your mail:");
    String subject = subject(header);
    if (!subject.isBlank()) {
      n.indented("Subject: " + subject);
    }
    n.line("    Accepted: " + MailDate.of(mail.queuedAt()));
    n.line("    Mail id: " + mail.id());
    return n.text.toString();
  }

  private static String summary(List<Report> reports, Optional<Instant> retryUntil) {
    if (retryUntil.isPresent()) {
      return "Your mail has not been delivered yet to the recipients below. You need not send it"
          + " again: it will be tried until "
          + MailDate.of(retryUntil.get())
          + ".";
    }
    if (reports.stream().anyMatch(r -> r.action().isFailure())) {
      return "Your mail could not be delivered to the recipients below, and it will not be tried"
          + " again for them.";
    }
    return reports.stream().anyMatch(r -> r.action() == Report.Action.RELAYED)
        ? "As you asked to be told: your mail for the recipients below was handed to a server that"
            + " does not report further. It may arrive, but nothing more will be heard of it."
        : "As you asked to be told: your mail has been delivered to the recipients below.";
  }

  private void recipient(Report report, String peer) {
    line("");
    line("<" + Lines.clean(report.recipient().toString(), false) + ">");
    SmtpReply reply = report.reply();
    if (report.action() == Report.Action.EXPIRED) {
      indented("It was tried until it became too old. What hindered it last:");
    } else if (DeliveryStatus.isLocal(reply, peer)) {
      indented("The reason:");
    } else {
      indented("The server " + Lines.clean(peer, true) + " answered:");
    }
    List<String> lines = reply.lines();
    String code = reply.code() + reply.enhanced().map(e -> " " + e).orElse("");
    for (int i = 0; i < lines.size(); i++) {
      indented((i == 0 ? code + " " : "") + lines.get(i));
    }
    if (report.action().isFailure()) {
      indented(advice(report));
    }
  }

  /** What a sender who knows nothing of mail servers can do (by RFC 3463's subjects). */
  private static String advice(Report report) {
    EnhancedCode status = report.status();
    return switch (status.subject()) {
      case 1 ->
          "What to do: check the spelling of the address; if it is right, ask the recipient by"
              + " another way.";
      case 2 ->
          "What to do: the mailbox takes no mail now (it may be full or closed); tell the recipient"
              + " by another way.";
      case 3 ->
          status.detail() == 4
              ? "What to do: the mail is too large for the recipient; send it without large"
                  + " attachments."
              : "What to do: the recipient's server can't take this mail; ask its postmaster.";
      case 4 ->
          "What to do: check the domain behind the @; if it is right, send the mail again later.";
      case 7 ->
          "What to do: the recipient's server refuses this mail by its rules; show this report to"
              + " your administrator or to the recipient's postmaster.";
      default ->
          "What to do: check the address and the reason above; if they don't help, ask the"
              + " recipient's postmaster.";
    };
  }

  private static String subject(Header header) {
    String raw = shortened(OriginalHeader.utf8(header.value("Subject")), 4 * SUBJECT_MAX);
    return shortened(DecoderUtil.decodeEncodedWords(raw, DecodeMonitor.SILENT), SUBJECT_MAX);
  }

  private static String shortened(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max - 1) + "…";
  }

  private void paragraph(String sentence) {
    Lines.fold("", "", sentence).forEach(this::line);
  }

  private void indented(String sentence) {
    Lines.fold("    ", "    ", Lines.clean(sentence, false).strip()).forEach(this::line);
  }

  private void line(String line) {
    text.append(line).append("\r\n");
  }
}
