package dev.caravan.bounce;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.SmtpReply;
import java.util.Locale;

/**
 * What a report says of one recipient (RFC 3464, 2.3).
 *
 * @param reply the remote server's last words, or ours
 * @param expired whether the mail was given up because it became too old
 */
public record Report(EmailAddress recipient, SmtpReply reply, boolean expired) {
  private static final EnhancedCode TOO_OLD = new EnhancedCode(4, 4, 7);

  public Report(EmailAddress recipient, SmtpReply reply) {
    this(recipient, reply, false);
  }

  /** What a report as a whole tells: the field Action (RFC 3464, 2.3.3). */
  enum Kind {
    FAILED,
    DELAYED,
    /** Taken by a server that makes no report of its own (RFC 3461, 6.2). */
    RELAYED,
    /** Taken by its last server, as far as we know. */
    DELIVERED;

    boolean isSuccess() {
      return this == RELAYED || this == DELIVERED;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The field Status: {@code 4.4.7} for what became too old, else the reply's enhanced code or one
   * made of its class. A delayed mail's class is 4 whatever the server said.
   */
  EnhancedCode status(Kind kind) {
    if (kind.isSuccess()) {
      EnhancedCode said = reply.status();
      return said.category() == 2 ? said : new EnhancedCode(2, 0, 0);
    }
    return status(kind == Kind.DELAYED);
  }

  private EnhancedCode status(boolean delayed) {
    if (expired) {
      return TOO_OLD;
    }
    EnhancedCode said = reply.status();
    if (delayed) {
      return new EnhancedCode(4, said.subject(), said.detail());
    }
    return said.category() == 2 ? new EnhancedCode(5, 0, 0) : said;
  }
}
