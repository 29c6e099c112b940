package dev.caravan.smtp;

import dev.caravan.mail.Content;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From MAIL to the end of the data (RFC 5321, 3.3): one mail at a time, which RSET, another EHLO
 * and the answer to the whole message drop.
 */
final class MailDialogue {
  private final Surroundings around;
  private final Patience patience;
  private Optional<MailCommand> asked = Optional.empty();
  private Optional<Begun> mail = Optional.empty();

  /** A mail that has been begun. */
  private static final class Begun {
    final ReversePath sender;
    final MailOptions options;
    final Map<EmailAddress, DsnRequest> recipients = new LinkedHashMap<>();
    boolean chunks;

    Begun(ReversePath sender, MailOptions options) {
      this.sender = sender;
      this.options = options;
    }
  }

  MailDialogue(Surroundings around, Patience patience) {
    this.around = around;
    this.patience = patience;
  }

  boolean hasBegun() {
    return mail.isPresent();
  }

  void drop() {
    mail = Optional.empty();
  }

  Step mail(String argument, Origin origin) throws Refusal {
    if (mail.isPresent()) {
      throw new Refusal(Replies.NESTED_MAIL);
    }
    Optional<SmtpReply> shortage = around.shortage();
    if (shortage.isPresent()) {
      return new Step.Reply(shortage.get());
    }
    MailCommand command =
        MailCommand.parse(
            argument,
            new MailCommand.Permission(
                origin.tlsFacts().isPresent(),
                origin.trusted(),
                around.listening().holdMax(),
                around.clock().instant()));
    if (command.size() > around.limits().messageSize()) {
      throw new Refusal(Replies.TOO_BIG);
    }
    asked = Optional.of(command);
    return new Step.Ask(new Sender(origin, command.sender(), command.size(), command.options()));
  }

  /** The sender may send. */
  Step begin(Sender sender) {
    boolean lowered = asked.map(MailCommand::priorityLowered).orElse(false);
    asked = Optional.empty();
    mail = Optional.of(new Begun(sender.sender(), sender.options()));
    return new Step.Reply(lowered ? Replies.SENDER_OK_NO_PRIORITY : Replies.SENDER_OK);
  }

  Step rcpt(String argument, Origin origin) throws Refusal {
    Begun begun = mail.orElseThrow();
    if (begun.chunks) {
      throw new Refusal(Replies.BDAT_BEGUN);
    }
    RcptCommand command =
        RcptCommand.parse(argument, around.listening().hostname(), begun.options.smtpUtf8());
    if (begun.recipients.size() >= around.limits().recipients()) {
      // Not an error of the client: it sends the rest in another mail (RFC 5321, 4.5.3.1.10).
      return new Step.Reply(Replies.TOO_MANY_RECIPIENTS);
    }
    return new Step.Ask(new Recipient(origin, begun.sender, command.recipient(), command.dsn()));
  }

  /** Nobody has refused the recipient; without a permission it is refused now. */
  Step add(Recipient recipient) {
    if (!recipient.relayPermitted()) {
      return patience.refuse(Replies.RELAY_DENIED);
    }
    mail.orElseThrow().recipients.put(recipient.recipient(), recipient.dsn());
    return new Step.Reply(Replies.RECIPIENT_OK);
  }

  Step data(String argument) throws Refusal {
    if (!argument.isEmpty()) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    Begun begun = mail.orElseThrow();
    if (begun.chunks) {
      throw new Refusal(Replies.BDAT_BEGUN);
    }
    if (begun.options.body() == MailOptions.Body.BINARY_MIME) {
      throw new Refusal(Replies.BINARY_NEEDS_BDAT);
    }
    if (begun.recipients.isEmpty()) {
      throw new Refusal(Replies.RCPT_FIRST);
    }
    return new Step.ReadData(Replies.START_DATA);
  }

  Step bdat(String argument) {
    Begun begun = mail.orElseThrow();
    if (begun.recipients.isEmpty()) {
      return refuseChunk(argument, Replies.RCPT_FIRST);
    }
    BdatCommand command;
    try {
      command = BdatCommand.parse(argument);
    } catch (Refusal malformed) {
      return refuseBdat(argument, malformed);
    }
    boolean first = !begun.chunks;
    begun.chunks = true;
    return new Step.ReadChunk(
        command.octets(),
        command.last(),
        first,
        begun.options.body() == MailOptions.Body.BINARY_MIME);
  }

  /** The octets follow whatever the reply is, and must be read (RFC 3030, 2). */
  Step refuseChunk(String argument, SmtpReply reply) {
    try {
      BdatCommand command = BdatCommand.parse(argument);
      return patience.refuse(reply) instanceof Step.Reply refused
          ? new Step.SkipChunk(command.octets(), refused.reply())
          : Step.Close.offence(Replies.TOO_MANY_ERRORS);
    } catch (Refusal malformed) {
      return refuseBdat(argument, malformed);
    }
  }

  /** Nobody knows how many octets follow, unless it is clear that there are none. */
  private Step refuseBdat(String argument, Refusal malformed) {
    boolean octetsFollow = !argument.isEmpty() && Character.isDigit(argument.charAt(0));
    return octetsFollow
        ? Step.Close.offence(malformed.reply())
        : patience.refuse(malformed.reply());
  }

  /** The data has ended and is kept: what the route is asked about. */
  Mail complete(MailId id, Instant at, Content content, Origin origin) {
    Begun begun = mail.orElseThrow();
    Envelope envelope =
        new Envelope(
            begun.sender, List.copyOf(begun.recipients.keySet()), begun.options, begun.recipients);
    Origin received = origin.withAt(at);
    String trace = ReceivedField.of(around.listening().hostname(), id, received, envelope);
    return new Mail(id, received, envelope, content.prepend(trace));
  }
}
