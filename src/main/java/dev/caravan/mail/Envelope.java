package dev.caravan.mail;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Who a mail is from and for (RFC 5321, 2.3.1), independent of its header fields, and what the
 * client asked for it.
 *
 * @param recipients without repetition, in the order given; at least one
 * @param options what was asked for the mail
 * @param dsn what was asked for single recipients; who is not in it asked for nothing
 */
public record Envelope(
    ReversePath sender,
    List<EmailAddress> recipients,
    MailOptions options,
    Map<EmailAddress, DsnRequest> dsn) {

  /**
   * @throws IllegalArgumentException without recipients
   */
  public Envelope {
    recipients = List.copyOf(new LinkedHashSet<>(recipients));
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("an envelope has at least one recipient");
    }
    Map<EmailAddress, DsnRequest> asked = new LinkedHashMap<>(dsn);
    asked.keySet().retainAll(recipients);
    asked.values().removeIf(DsnRequest.NONE::equals);
    dsn = Map.copyOf(asked);
  }

  public Envelope(ReversePath sender, List<EmailAddress> recipients, MailOptions options) {
    this(sender, recipients, options, Map.of());
  }

  public Envelope(ReversePath sender, List<EmailAddress> recipients) {
    this(sender, recipients, MailOptions.NONE, Map.of());
  }

  /** The declared type of the body. */
  public MailOptions.Body body() {
    return options.body();
  }

  /** Whether the client declared SMTPUTF8 (RFC 6531). */
  public boolean smtpUtf8() {
    return options.smtpUtf8();
  }

  /** What was asked for this recipient. */
  public DsnRequest dsn(EmailAddress recipient) {
    return dsn.getOrDefault(recipient, DsnRequest.NONE);
  }

  /** The same mail for other recipients; who stays keeps what was asked for it. */
  public Envelope withRecipients(List<EmailAddress> others) {
    return new Envelope(sender, others, options, dsn);
  }

  public Envelope withOptions(MailOptions other) {
    return new Envelope(sender, recipients, other, dsn);
  }
}
