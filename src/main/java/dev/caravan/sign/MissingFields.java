package dev.caravan.sign;

import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailDate;
import java.time.Clock;
import java.time.InstantSource;

/**
 * Adds Date and Message-ID to mail of our own users that lacks them (RFC 6409, 8): before signing,
 * because a server behind us could add them only by breaking the signature.
 */
public final class MissingFields {
  private final String hostname;
  private final InstantSource clock = Clock.systemUTC();

  public MissingFields(String hostname) {
    this.hostname = hostname;
  }

  public Mail complete(Mail mail) {
    if (mail.verdict().isRefusal() || !mail.origin().trusted()) {
      return mail;
    }
    Header header = mail.content().header();
    StringBuilder missing = new StringBuilder();
    if (header.first("Date").isEmpty()) {
      missing.append("Date: ").append(MailDate.of(clock.instant())).append("\r\n");
    }
    if (header.first("Message-ID").isEmpty()) {
      missing
          .append("Message-ID: <")
          .append(mail.id())
          .append('@')
          .append(hostname)
          .append(">\r\n");
    }
    return missing.isEmpty() ? mail : mail.prepend(missing.toString());
  }
}
