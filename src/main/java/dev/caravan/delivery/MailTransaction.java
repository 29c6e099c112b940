package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import dev.caravan.smtp.DotStuffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One MAIL … DATA (RFC 5321, 3.3) or BDAT (RFC 3030), pipelined where the server can (RFC 2920).
 * Use once.
 *
 * <p>Delivered is only what a 2xx after the final dot says. A reply that fits nothing, such as 250
 * to DATA, is a temporary failure.
 */
final class MailTransaction {
  /** A larger message is not sent before somebody takes it. */
  private static final int EARLY_MAX = 64 * 1024;

  private final Wire wire;
  private final Hop hop;
  private final ClientOptions options;
  private final Map<String, String> extensions;
  private final QueuedMail mail;
  private final List<EmailAddress> recipients;
  private final Fit fit;
  private final boolean fresh;
  private final EnvelopeCommands commands;
  private final Outcome.Reach reach;
  private final Map<EmailAddress, Outcome> outcomes = new HashMap<>();
  private final List<EmailAddress> accepted = new ArrayList<>();
  private String stage = "at MAIL";
  private boolean mailAnswered;

  /** All of the message is on its way: the server may have it. */
  private boolean dotSent;

  private boolean usable = true;

  /**
   * One.
   *
   * @param fresh whether the connection is new: one that was kept may be closed already
   */
  MailTransaction(
      Wire wire,
      Hop hop,
      ClientOptions options,
      Map<String, String> extensions,
      QueuedMail mail,
      List<EmailAddress> recipients,
      Fit fit,
      boolean fresh) {
    this.fresh = fresh;
    this.wire = wire;
    this.hop = hop;
    this.options = options;
    this.extensions = extensions;
    this.mail = mail;
    this.recipients = recipients;
    this.fit = fit;
    this.commands = new EnvelopeCommands(mail.envelope(), extensions, fit.utf8());
    this.reach = extensions.containsKey("DSN") ? Outcome.Reach.PASSED_ON : Outcome.Reach.RELAYED;
  }

  boolean leavesConnectionUsable() {
    return usable;
  }

  /**
   * One outcome for each recipient.
   *
   * @throws HopException when the server did not even answer MAIL
   */
  List<Outcome> run() throws HopException {
    try (Message message = fit.message(mail)) {
      talk(message);
    } catch (IOException e) {
      usable = false;
      boolean saidSo = e instanceof ClosingException;
      boolean maybe = dotSent && !saidSo;
      if (!mailAnswered && !maybe) {
        throw new HopException(
            e instanceof ClosingException closing
                ? Troubles.refused(closing.reply(), hop, stage)
                : Troubles.of(e, hop, stage));
      }
      SmtpReply reply = Troubles.of(e, hop, stage);
      wire.fact("", reply);
      for (EmailAddress r : recipients) {
        outcomes.putIfAbsent(r, new Outcome.Deferred(r, reply, maybe));
      }
    }
    return recipients.stream().map(this::outcome).toList();
  }

  private Outcome outcome(EmailAddress r) {
    Outcome known = outcomes.get(r);
    return known != null
        ? known
        : new Outcome.Deferred(r, Troubles.reply("4.5.0", hop + ": no reply"), dotSent);
  }

  private void talk(Message message) throws IOException {
    boolean pipelining = extensions.containsKey("PIPELINING");
    boolean chunk = isChunk(message);
    boolean early =
        chunk
            && pipelining
            && fresh
            && options.chunking() == Chunking.PIPELINED
            && message.size() <= EARLY_MAX;
    wire.write(commands.mailFrom(message.size(), message.body()));
    if (pipelining) {
      for (EmailAddress recipient : recipients) {
        wire.write(commands.rcptTo(recipient));
      }
      if (!chunk) {
        wire.write("DATA");
      } else if (early) {
        chunk(message);
      }
    }
    SmtpReply toMail = reply(options.times().mail());
    mailAnswered = true;
    boolean ok = toMail.code() / 100 == 2;
    if (!ok) {
      // Decided, whatever the replies to the pipelined commands are.
      recipients.forEach(r -> outcomes.put(r, refused(r, toMail)));
    }
    stage = "at RCPT";
    if (pipelining) {
      for (EmailAddress recipient : recipients) {
        toRecipient(recipient, reply(options.times().recipient()), ok);
      }
    } else if (ok) {
      for (EmailAddress recipient : recipients) {
        wire.write(commands.rcptTo(recipient));
        toRecipient(recipient, reply(options.times().recipient()), true);
      }
    }
    if (chunk && !early && !accepted.isEmpty()) {
      stage = "while sending the message";
      chunk(message);
    }
    if (early || chunk && !accepted.isEmpty()) {
      ending("after the last chunk");
      if (accepted.stream().noneMatch(r -> outcomes.get(r) instanceof Outcome.Delivered)) {
        // RFC 3030, 2: after a refused chunk the transaction is over only with RSET.
        reset();
      }
    } else if (!chunk && (pipelining || !accepted.isEmpty())) {
      data(message, pipelining);
    } else {
      reset();
    }
  }

  private boolean isChunk(Message message) throws IOException {
    return message.body() == MailOptions.Body.BINARY_MIME
        || options.chunking() != Chunking.BINARY
            && extensions.containsKey("CHUNKING")
            && Canonical.is(message.content());
  }

  private void toRecipient(EmailAddress recipient, SmtpReply reply, boolean mailOk) {
    if (!mailOk) {
      return;
    }
    if (reply.code() / 100 == 2) {
      accepted.add(recipient);
      return;
    }
    // Too many recipients is said with 552 by old servers (RFC 5321, 4.5.3.1.10).
    boolean tooMany = reply.code() == 552 && recipients.size() > 1;
    outcomes.put(recipient, refused(recipient, tooMany ? Troubles.asTemporary(reply) : reply));
  }

  private void data(Message message, boolean pipelined) throws IOException {
    stage = "at DATA";
    if (!pipelined) {
      wire.write("DATA");
    }
    SmtpReply toData = reply(options.dataStart());
    if (toData.code() / 100 != 3) {
      accepted.forEach(r -> outcomes.put(r, refused(r, toData)));
      reset();
      return;
    }
    stage = "while sending the message";
    DotStuffer stuffer = new DotStuffer(wire.data(accepted.isEmpty() ? 0 : message.size()));
    // With nobody accepted the server still waits for an end (RFC 2920, 3.1).
    if (!accepted.isEmpty()) {
      message.content().writeTo(stuffer);
    }
    if (!wire.isQuiet()) {
      // No reply is due before the end: it is about something else, and no success.
      usable = false;
      SmtpReply early = reply(options.dataEnd());
      accepted.forEach(r -> outcomes.put(r, refused(r, early)));
      return;
    }
    stuffer.end();
    dotSent = true;
    ending("after the final dot");
  }

  /** All in one chunk (RFC 3030, 2), octet for octet. */
  private void chunk(Message message) throws IOException {
    wire.write("BDAT " + message.size() + " LAST");
    Exactly out = new Exactly(wire.data(message.size()), message.size());
    message.content().writeTo(out);
    out.end();
    dotSent = true;
  }

  private void ending(String where) throws IOException {
    stage = where;
    SmtpReply last = wire.read(options.dataEnd());
    if (last.code() == 421) {
      usable = false;
    }
    boolean taken = last.code() / 100 == 2;
    accepted.forEach(
        r -> outcomes.put(r, taken ? new Outcome.Delivered(r, last, reach) : refused(r, last)));
  }

  /** The next reply; 421 ends everything. */
  private SmtpReply reply(Duration limit) throws IOException {
    SmtpReply reply = wire.read(limit);
    if (reply.code() == 421) {
      throw new ClosingException(reply);
    }
    return reply;
  }

  private Outcome refused(EmailAddress recipient, SmtpReply reply) {
    if (reply.isPermanent()) {
      return new Outcome.Failed(recipient, reply);
    }
    if (reply.isTemporary()) {
      return new Outcome.Deferred(recipient, reply, false);
    }
    usable = false;
    return new Outcome.Deferred(recipient, Troubles.refused(reply, hop, stage), dotSent);
  }

  /** The outcomes are known: trouble here concerns only the connection. */
  private void reset() {
    if (!usable) {
      return;
    }
    try {
      usable = wire.command("RSET", options.command()).code() / 100 == 2;
    } catch (IOException e) {
      usable = false;
    }
  }
}
