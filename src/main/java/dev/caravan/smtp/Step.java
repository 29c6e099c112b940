package dev.caravan.smtp;

import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** What the session wants done next. */
public sealed interface Step {
  /** Send the reply and read the next command. */
  record Reply(SmtpReply reply) implements Step {}

  /** Send the reply after this time, and read nothing until then. */
  record Delayed(SmtpReply reply, Duration delay) implements Step {}

  /**
   * Send the reply and close.
   *
   * @param isOffence whether the client is cut off for what it did, which is told as an event
   */
  record Close(SmtpReply reply, boolean isOffence) implements Step {
    static Close polite(SmtpReply reply) {
      return new Close(reply, false);
    }

    public static Close offence(SmtpReply reply) {
      return new Close(reply, true);
    }
  }

  /** Send the reply to QUIT and close; nothing may follow QUIT (RFC 5321, 4.1.1.10). */
  record Quit(SmtpReply reply) implements Step {}

  /** Have the question answered; read nothing until it is. */
  record Ask(Question<?> question) implements Step {}

  /** Send the reply and read the message's data, up to the final dot. */
  record ReadData(SmtpReply reply) implements Step {}

  /**
   * Read so many octets of the message (RFC 3030) and tell the session.
   *
   * @param first whether the message begins with them
   * @param binary whether its lines may be anything
   */
  record ReadChunk(long octets, boolean last, boolean first, boolean binary) implements Step {}

  /** Read so many octets, forget them, and send the reply. */
  record SkipChunk(long octets, SmtpReply reply) implements Step {}

  /** Send the reply, forget what was read ahead, encrypt, and tell the session. */
  record StartTls(SmtpReply reply) implements Step {}

  /** Have the exchange go on, which may block, and tell the session its result. */
  record Authenticate(Authentication.Exchange exchange, Optional<byte[]> response)
      implements Step {}

  /** Do this, which may block; then send the reply it gives. Read nothing until then. */
  record Run(Callable<SmtpReply> work) implements Step {}
}
