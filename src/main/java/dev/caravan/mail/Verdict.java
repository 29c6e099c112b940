package dev.caravan.mail;

import java.util.Locale;

/**
 * What a rule decided about a question. The first decision is final: later steps leave a decided
 * question untouched.
 */
public sealed interface Verdict {
  /** Nobody has decided yet. A mail that ends undecided is accepted and queued. */
  Undecided UNDECIDED = new Undecided();

  /** Accepted and queued. */
  Accept ACCEPT = new Accept(Disposition.QUEUE, "");

  record Undecided() implements Verdict {}

  /**
   * The client gets a {@code 250}.
   *
   * @param disposition where an accepted mail goes
   * @param reason for the log and the operator; may be empty
   */
  record Accept(Disposition disposition, String reason) implements Verdict {}

  /** Not now: the client gets the {@code 4xx} reply and comes again. */
  record Defer(SmtpReply reply) implements Verdict {
    public Defer {
      if (!reply.isTemporary()) {
        throw new IllegalArgumentException("deferring takes a 4xx reply: " + reply);
      }
    }
  }

  /** Never: the client gets the {@code 5xx} reply. */
  record Reject(SmtpReply reply) implements Verdict {
    public Reject {
      if (!reply.isPermanent()) {
        throw new IllegalArgumentException("rejecting takes a 5xx reply: " + reply);
      }
    }
  }

  /** The client gets the {@code 421} or {@code 554} reply, and the connection is closed. */
  record Close(SmtpReply reply) implements Verdict {
    public Close {
      if (reply.isPositive()) {
        throw new IllegalArgumentException("closing takes a 4xx or 5xx reply: " + reply);
      }
    }
  }

  /** Where an accepted mail goes. */
  enum Disposition {
    /** To {@code mail.out}, to be delivered. */
    QUEUE,
    /** To {@code mail.held}, until an operator releases or deletes it. */
    HOLD,
    /** To {@code mail.quarantine}: a filter distrusts it. */
    QUARANTINE,
    /** Nowhere: it is told as an event and forgotten. */
    DISCARD;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  default boolean isDecided() {
    return !(this instanceof Undecided);
  }

  /** Whether the client hears a no. */
  default boolean isRefusal() {
    return switch (this) {
      case Undecided u -> false;
      case Accept a -> false;
      case Defer d -> true;
      case Reject r -> true;
      case Close c -> true;
    };
  }
}
