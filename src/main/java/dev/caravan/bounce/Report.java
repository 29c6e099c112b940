package dev.caravan.bounce;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.SmtpReply;

/**
 * What a report says of one recipient (RFC 3464, 2.3).
 *
 * @param reply the remote server's last words, or ours
 * @param action what became of the mail
 */
public record Report(EmailAddress recipient, SmtpReply reply, Action action) {
  private static final EnhancedCode TOO_OLD = new EnhancedCode(4, 4, 7);

  /** What became of a mail for one recipient (RFC 3464, 2.3.3). */
  public enum Action {
    /** Refused for good. */
    FAILED("failed"),
    /** Given up because it became too old. */
    EXPIRED("failed"),
    /** Late, but still tried. */
    DELAYED("delayed"),
    /** It is where it is read. */
    DELIVERED("delivered"),
    /** A server without DSN has it: nothing more will be heard of it. */
    RELAYED("relayed");

    private final String word;

    Action(String word) {
      this.word = word;
    }

    /** As the field Action says it. */
    String word() {
      return word;
    }

    boolean isFailure() {
      return this == FAILED || this == EXPIRED;
    }

    boolean isSuccess() {
      return this == DELIVERED || this == RELAYED;
    }
  }

  /** That it was refused for good. */
  public Report(EmailAddress recipient, SmtpReply reply) {
    this(recipient, reply, Action.FAILED);
  }

  /**
   * The field Status: {@code 4.4.7} for what became too old, else the reply's enhanced code or one
   * made of its class. The class is what the action says, whatever the server said.
   */
  EnhancedCode status() {
    EnhancedCode said = reply.status();
    return switch (action) {
      case EXPIRED -> TOO_OLD;
      case DELAYED -> new EnhancedCode(4, said.subject(), said.detail());
      case FAILED -> said.category() == 2 ? new EnhancedCode(5, 0, 0) : said;
      case DELIVERED, RELAYED -> said.category() == 2 ? said : new EnhancedCode(2, 0, 0);
    };
  }
}
