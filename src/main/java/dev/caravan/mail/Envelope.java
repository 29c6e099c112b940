package dev.caravan.mail;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * Who a mail is from and for (RFC 5321, 2.3.1), independent of its header fields.
 *
 * @param recipients without repetition, in the order given; at least one
 * @param body what the client declared with BODY= (RFC 6152)
 * @param smtpUtf8 whether the client declared SMTPUTF8 (RFC 6531)
 */
public record Envelope(
    ReversePath sender, List<EmailAddress> recipients, Body body, boolean smtpUtf8) {

  /** The declared type of the body. */
  public enum Body {
    SEVEN_BIT,
    EIGHT_BIT_MIME
  }

  /**
   * @throws IllegalArgumentException without recipients
   */
  public Envelope {
    recipients = List.copyOf(new LinkedHashSet<>(recipients));
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("an envelope has at least one recipient");
    }
  }

  public Envelope(ReversePath sender, List<EmailAddress> recipients) {
    this(sender, recipients, Body.EIGHT_BIT_MIME, false);
  }

  /** The same mail for other recipients. */
  public Envelope withRecipients(List<EmailAddress> others) {
    return new Envelope(sender, others, body, smtpUtf8);
  }
}
