package dev.caravan.mail;

import java.time.Instant;
import java.util.Optional;

/**
 * What a client asked for a mail as a whole, by the parameters of MAIL or their like in JMS.
 *
 * @param body the declared type of the body (RFC 6152, RFC 3030)
 * @param smtpUtf8 whether addresses or header fields may be UTF-8 (RFC 6531)
 * @param requireTls whether it may travel only over verified TLS (RFC 8689)
 * @param returned how much of it a report of failure carries (RFC 3461, 4.3)
 * @param envelopeId ENVID as the client wrote it, in xtext (RFC 3461, 4.4); empty without
 * @param priority -9 to 9, of which 9 is the most urgent (RFC 6710); 0 is normal
 * @param holdUntil not to be sent before (RFC 4865); empty = at once
 * @param campaign what it belongs to, where limits count campaigns; else empty
 * @param expiresAt not to be sent after; empty = as long as the settings say
 * @param answers whom an application wants told what becomes of it; empty = nobody
 */
public record MailOptions(
    Body body,
    boolean smtpUtf8,
    boolean requireTls,
    Returned returned,
    String envelopeId,
    int priority,
    Optional<Instant> holdUntil,
    String campaign,
    Optional<Instant> expiresAt,
    Optional<AnswerTo> answers) {
  private static final int CAMPAIGN_MAX = 100;

  public static final int PRIORITY_MIN = -9;
  public static final int PRIORITY_MAX = 9;

  /** Nothing asked for: what any client may send. */
  public static final MailOptions NONE = of(Body.EIGHT_BIT_MIME, false);

  /** The declared type of the body. */
  public enum Body {
    SEVEN_BIT("7BIT"),
    EIGHT_BIT_MIME("8BITMIME"),
    /** Lines may be of any length and end anyhow; needs BDAT (RFC 3030). */
    BINARY_MIME("BINARYMIME");

    private final String keyword;

    Body(String keyword) {
      this.keyword = keyword;
    }

    /** As BODY= says it. */
    public String keyword() {
      return keyword;
    }
  }

  /** How much of the mail comes back with a report. */
  public enum Returned {
    /** The client did not say. */
    UNSTATED,
    FULL,
    HEADERS
  }

  /**
   * @throws IllegalArgumentException when the priority is outside -9 to 9
   */
  public MailOptions {
    if (priority < PRIORITY_MIN || priority > PRIORITY_MAX) {
      throw new IllegalArgumentException("a priority is -9 to 9");
    }
    campaign = campaign.length() <= CAMPAIGN_MAX ? campaign : campaign.substring(0, CAMPAIGN_MAX);
  }

  public static MailOptions of(Body body, boolean smtpUtf8) {
    return new MailOptions(
        body,
        smtpUtf8,
        false,
        Returned.UNSTATED,
        "",
        0,
        Optional.empty(),
        "",
        Optional.empty(),
        Optional.empty());
  }

  public MailOptions withBody(Body other) {
    return new MailOptions(
        other,
        smtpUtf8,
        requireTls,
        returned,
        envelopeId,
        priority,
        holdUntil,
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withSmtpUtf8() {
    return new MailOptions(
        body,
        true,
        requireTls,
        returned,
        envelopeId,
        priority,
        holdUntil,
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withRequireTls() {
    return new MailOptions(
        body,
        smtpUtf8,
        true,
        returned,
        envelopeId,
        priority,
        holdUntil,
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withReturned(Returned other) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        other,
        envelopeId,
        priority,
        holdUntil,
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withEnvelopeId(String xtext) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        returned,
        xtext,
        priority,
        holdUntil,
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withPriority(int other) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        returned,
        envelopeId,
        other,
        holdUntil,
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withHoldUntil(Instant instant) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        returned,
        envelopeId,
        priority,
        Optional.of(instant),
        campaign,
        expiresAt,
        answers);
  }

  public MailOptions withCampaign(String name) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        returned,
        envelopeId,
        priority,
        holdUntil,
        name,
        expiresAt,
        answers);
  }

  public MailOptions withAnswers(AnswerTo to) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        returned,
        envelopeId,
        priority,
        holdUntil,
        campaign,
        expiresAt,
        Optional.of(to));
  }

  public MailOptions withExpiresAt(Instant instant) {
    return new MailOptions(
        body,
        smtpUtf8,
        requireTls,
        returned,
        envelopeId,
        priority,
        holdUntil,
        campaign,
        Optional.of(instant),
        answers);
  }
}
