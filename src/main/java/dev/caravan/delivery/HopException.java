package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsResult;
import dev.caravan.delivery.tls.TlsTrouble;
import dev.caravan.mail.SmtpReply;
import java.util.Optional;

/**
 * This server can't be used now: nothing has been decided for any recipient, so another may be
 * tried.
 */
final class HopException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient SmtpReply reply;
  private final Kind kind;
  private final transient Optional<TlsTrouble> tlsTrouble;

  private enum Kind {
    TROUBLE,
    TLS_FAILED,
    NO_TLS,
    UNFIT
  }

  /**
   * @param reply always temporary: what one server's trouble means for a recipient is "later"
   */
  HopException(SmtpReply reply) {
    this(reply, Kind.TROUBLE, Optional.empty());
  }

  private HopException(SmtpReply reply, Kind kind, Optional<TlsTrouble> tlsTrouble) {
    super(reply.toString(), null, false, false);
    this.reply = reply;
    this.kind = kind;
    this.tlsTrouble = tlsTrouble;
  }

  /** The handshake failed: where TLS is only an opportunity, clear text is the next try. */
  static HopException tls(SmtpReply reply, TlsTrouble trouble) {
    return new HopException(reply, Kind.TLS_FAILED, Optional.of(trouble));
  }

  /** TLS is needed and not offered. */
  static HopException noTls(SmtpReply reply) {
    return new HopException(
        reply,
        Kind.NO_TLS,
        Optional.of(new TlsTrouble(TlsResult.STARTTLS_NOT_SUPPORTED, reply.text())));
  }

  /**
   * This server can never take this mail; another might.
   *
   * @param reply permanent: what it means when no other can either
   */
  static HopException unfit(SmtpReply reply) {
    return new HopException(reply, Kind.UNFIT, Optional.empty());
  }

  boolean tlsFailed() {
    return kind == Kind.TLS_FAILED;
  }

  boolean isWithoutTls() {
    return kind == Kind.NO_TLS;
  }

  boolean isUnfit() {
    return kind == Kind.UNFIT;
  }

  /** What is wrong with TLS, for a report on it. */
  Optional<TlsTrouble> tlsTrouble() {
    return tlsTrouble;
  }

  SmtpReply reply() {
    return reply;
  }
}
