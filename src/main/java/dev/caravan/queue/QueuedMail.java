package dev.caravan.queue;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A mail in a durable queue: for the recipients of one site, with what has become of it so far.
 *
 * @param id the mail's name; the same for all its sites
 * @param envelope sender and those recipients that are still to be served
 * @param content the message as it will be sent
 * @param site where it goes: {@code HOST:PORT} of a smarthost, the recipients' domain, {@code
 *     via:HOST:PORT} of a server that a rule named, or {@code sandbox}
 * @param attempts deliveries tried so far
 * @param queuedAt when the mail was accepted; expiry counts from here
 * @param lastReply what the last attempt ended with; empty before the first
 * @param source the door it came in by
 * @param warned whether the sender has been told of the delay
 * @param notes what an operator may want to know; nothing of it decides how it is delivered
 * @param soon whether its next wait is as short as there is one: what has put it off concerns us,
 *     not the mail. It is not kept in the queue
 */
public record QueuedMail(
    MailId id,
    Envelope envelope,
    Content content,
    String site,
    int attempts,
    Instant queuedAt,
    String lastReply,
    Origin.Source source,
    boolean warned,
    Notes notes,
    boolean soon) {
  static final String VIA = "via:";

  /** Without notes. */
  public QueuedMail(
      MailId id,
      Envelope envelope,
      Content content,
      String site,
      int attempts,
      Instant queuedAt,
      String lastReply,
      Origin.Source source,
      boolean warned) {
    this(
        id,
        envelope,
        content,
        site,
        attempts,
        queuedAt,
        lastReply,
        source,
        warned,
        Notes.NONE,
        false);
  }

  /**
   * The server that a rule sends it by, {@code HOST:PORT}; empty when none did. It is marked in the
   * site, because mail that waits for a smarthost of earlier goes by that of today.
   */
  public Optional<String> via() {
    return site.startsWith(VIA) ? Optional.of(site.substring(VIA.length())) : Optional.empty();
  }

  /** The site of mail that a rule sends by this server. */
  public static String siteVia(String server) {
    return VIA + server;
  }

  /**
   * An accepted mail as it goes into the queue: one for each site, with the recipients that travel
   * together, in the order of their first.
   *
   * @param siteOf the site of a recipient of the mail; it minds the server that a rule has named
   */
  public static List<QueuedMail> bySite(Mail mail, BiFunction<Mail, EmailAddress, String> siteOf) {
    Map<String, List<EmailAddress>> sites = new LinkedHashMap<>();
    for (EmailAddress recipient : mail.recipients()) {
      sites.computeIfAbsent(siteOf.apply(mail, recipient), s -> new ArrayList<>()).add(recipient);
    }
    List<QueuedMail> queued = new ArrayList<>(sites.size());
    Notes notes = Notes.of(mail);
    sites.forEach(
        (site, recipients) ->
            queued.add(
                new QueuedMail(
                    mail.id(),
                    mail.envelope().withRecipients(recipients),
                    mail.content(),
                    site,
                    0,
                    mail.origin().at(),
                    "",
                    mail.origin().source(),
                    false,
                    notes,
                    false)));
    return queued;
  }

  /** The same mail for some of its recipients. */
  public QueuedMail withRecipients(List<EmailAddress> some) {
    return withEnvelope(envelope.withRecipients(some));
  }

  /** The same mail after one more attempt, for the recipients that remain. */
  public QueuedMail afterAttempt(Envelope remaining, String reply) {
    return new QueuedMail(
        id, remaining, content, site, attempts + 1, queuedAt, reply, source, warned, notes, soon);
  }

  /** The same mail when no attempt was made. */
  public QueuedMail unattempted(String reply) {
    return new QueuedMail(
        id, envelope, content, site, attempts, queuedAt, reply, source, warned, notes, soon);
  }

  /** The same mail, to be tried again as soon as may be. */
  public QueuedMail withSoon() {
    return new QueuedMail(
        id, envelope, content, site, attempts, queuedAt, lastReply, source, warned, notes, true);
  }

  public QueuedMail withWarned() {
    return new QueuedMail(
        id, envelope, content, site, attempts, queuedAt, lastReply, source, true, notes, soon);
  }

  public QueuedMail withNotes(Notes other) {
    return new QueuedMail(
        id, envelope, content, site, attempts, queuedAt, lastReply, source, warned, other, soon);
  }

  public QueuedMail withEnvelope(Envelope other) {
    return new QueuedMail(
        id, other, content, site, attempts, queuedAt, lastReply, source, warned, notes, soon);
  }

  /**
   * The same mail by this server instead of the one it was meant for.
   *
   * @param server {@code HOST:PORT}
   */
  public QueuedMail withVia(String server) {
    return withSite(VIA + server);
  }

  /** The same mail to another site. */
  public QueuedMail withSite(String other) {
    return new QueuedMail(
        id, envelope, content, other, attempts, queuedAt, lastReply, source, warned, notes, soon);
  }
}
