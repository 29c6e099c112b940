package dev.caravan.queue;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.time.Instant;
import java.util.List;

/** Queued mails for tests. */
public final class QueuedMails {
  public static final Instant QUEUED_AT = Instant.parse("2026-03-01T10:00:00Z");

  private QueuedMails() {}

  /** A mail that was never tried. */
  public static QueuedMail mail(String from, List<String> to, String content) {
    return new QueuedMail(
        new MailId("01M855SD4NQ0ZJT0"),
        new Envelope(ReversePath.parse(from), to.stream().map(EmailAddress::parse).toList()),
        Content.of(content),
        "mx.dest.example:25",
        0,
        QUEUED_AT,
        "",
        Origin.Source.SMTP,
        false);
  }

  /** The same mail after so many attempts, the last of which got this reply. */
  public static QueuedMail tried(QueuedMail mail, int attempts, String reply) {
    return new QueuedMail(
        mail.id(),
        mail.envelope(),
        mail.content(),
        mail.site(),
        attempts,
        mail.queuedAt(),
        reply,
        mail.source(),
        mail.warned());
  }
}
