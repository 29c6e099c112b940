package dev.caravan.camel.jms;

import dev.caravan.mail.EmailAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an application wants to be said, before it is a message.
 *
 * @param from at least one
 * @param contentType {@code text/…}; empty means text/plain
 */
record Draft(
    List<Mailbox> from,
    List<Mailbox> to,
    List<Mailbox> cc,
    List<Mailbox> bcc,
    String subject,
    String contentType,
    String text,
    List<Attachment> attachments) {
  Draft {
    from = List.copyOf(from);
    to = List.copyOf(to);
    cc = List.copyOf(cc);
    bcc = List.copyOf(bcc);
    attachments = List.copyOf(attachments);
  }

  /** Everybody who gets it, once. */
  List<EmailAddress> recipients() {
    return Stream.of(to, cc, bcc).flatMap(List::stream).map(Mailbox::address).distinct().toList();
  }

  /** Whether its header can't be written in ASCII (RFC 6532). */
  boolean isInternational() {
    return Stream.of(from, to, cc)
        .flatMap(List::stream)
        .anyMatch(mailbox -> mailbox.address().isInternational());
  }
}
