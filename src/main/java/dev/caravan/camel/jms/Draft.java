package dev.caravan.camel.jms;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.ReversePath;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an application wants to be said, before it is a message.
 *
 * @param mailFrom the sender of the envelope; empty = the first of {@code from}
 * @param from at least one
 * @param contentType {@code text/…} of the text; empty means text/plain
 * @param html the same as the text, for those who can show it; may be empty
 * @param fields header fields more, in their order
 */
record Draft(
    Optional<ReversePath> mailFrom,
    List<Mailbox> from,
    List<Mailbox> replyTo,
    List<Mailbox> to,
    List<Mailbox> cc,
    List<Mailbox> bcc,
    String subject,
    String contentType,
    String text,
    String html,
    List<Field> fields,
    List<Attachment> attachments) {
  Draft {
    from = List.copyOf(from);
    replyTo = List.copyOf(replyTo);
    to = List.copyOf(to);
    cc = List.copyOf(cc);
    bcc = List.copyOf(bcc);
    fields = List.copyOf(fields);
    attachments = List.copyOf(attachments);
  }

  /** A header field of the application's own. */
  record Field(String name, String value) {}

  /** One text. */
  Draft(
      List<Mailbox> from,
      List<Mailbox> to,
      List<Mailbox> cc,
      List<Mailbox> bcc,
      String subject,
      String contentType,
      String text,
      List<Attachment> attachments) {
    this(
        Optional.empty(),
        from,
        List.of(),
        to,
        cc,
        bcc,
        subject,
        contentType,
        text,
        "",
        List.of(),
        attachments);
  }

  /** Who sends it, for the envelope. */
  ReversePath sender() {
    return mailFrom.orElseGet(() -> ReversePath.of(from.getFirst().address()));
  }

  /** Everybody who gets it, once. */
  List<EmailAddress> recipients() {
    return Stream.of(to, cc, bcc).flatMap(List::stream).map(Mailbox::address).distinct().toList();
  }

  /** The names under which the application has staged some of its files; each once. */
  List<String> staged() {
    return attachments.stream()
        .filter(Attachment::isStaged)
        .map(Attachment::staged)
        .distinct()
        .toList();
  }

  /** With these files instead. */
  Draft withAttachments(List<Attachment> others) {
    return new Draft(
        mailFrom, from, replyTo, to, cc, bcc, subject, contentType, text, html, fields, others);
  }

  /** Octets of what is in it, before they are encoded. */
  long octets() {
    long octets = (long) text.length() + html.length();
    for (Attachment attachment : attachments) {
      octets += attachment.file().size();
    }
    return octets;
  }

  /** Whether its header can't be written in ASCII (RFC 6532). */
  boolean isInternational() {
    return Stream.of(from, replyTo, to, cc)
        .flatMap(List::stream)
        .anyMatch(mailbox -> mailbox.address().isInternational());
  }
}
