package dev.caravan.smtp;

import dev.caravan.mail.Connection;
import dev.caravan.mail.Content;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The server's side of one connection (RFC 5321, 4.1.4): told what happened, it says what to do. It
 * knows no socket and no clock, and is used by one thread at a time.
 *
 * <p>Two lifetimes: the connection's (who the client is, how many errors it made) and the mail's
 * (sender and recipients), which RSET, a new EHLO and the end of DATA drop.
 */
public final class SmtpSession {
  private static final int HELO_MAX = 255;

  /** A verb: what must have come before, and what it does. */
  private record Verb(Phase needs, Function<String, Step> act) {}

  private enum Phase {
    ANY,
    HELO,
    MAIL
  }

  private final String hostname;
  private final SmtpLimits limits;
  private final Map<String, Verb> verbs;

  // The connection.
  private Origin origin;
  private int errors;
  private int idleCommands;
  private boolean turnedAway;

  // The mail.
  private Optional<Transaction> mail = Optional.empty();

  private static final class Transaction {
    final ReversePath sender;
    final MailOptions.Body body;
    final List<EmailAddress> recipients = new ArrayList<>();

    Transaction(ReversePath sender, MailOptions.Body body) {
      this.sender = sender;
      this.body = body;
    }
  }

  private MailOptions.Body declaredBody = MailOptions.Body.SEVEN_BIT;

  public SmtpSession(String hostname, SmtpLimits limits, Origin origin) {
    this.hostname = hostname;
    this.limits = limits;
    this.origin = origin;
    this.verbs =
        Map.ofEntries(
            Map.entry("EHLO", new Verb(Phase.ANY, a -> helo(a, true))),
            Map.entry("HELO", new Verb(Phase.ANY, a -> helo(a, false))),
            Map.entry("MAIL", new Verb(Phase.HELO, this::mail)),
            Map.entry("RCPT", new Verb(Phase.MAIL, this::rcpt)),
            Map.entry("DATA", new Verb(Phase.MAIL, this::data)),
            Map.entry("RSET", new Verb(Phase.ANY, this::rset)),
            Map.entry("NOOP", new Verb(Phase.ANY, a -> new Step.Reply(Replies.OK))),
            Map.entry("VRFY", new Verb(Phase.ANY, this::vrfy)),
            Map.entry("HELP", new Verb(Phase.ANY, a -> new Step.Reply(Replies.HELP))),
            Map.entry("QUIT", new Verb(Phase.ANY, this::quit)),
            Map.entry("EXPN", new Verb(Phase.ANY, a -> refuse(Replies.NOT_IMPLEMENTED))),
            Map.entry("TURN", new Verb(Phase.ANY, a -> refuse(Replies.NOT_IMPLEMENTED))));
  }

  /** The client has connected. */
  public Step connected() {
    return new Step.Ask(new Connection(origin));
  }

  /** A command line has come, without its CRLF; octets as ISO 8859-1 characters. */
  public Step command(String line) {
    boolean international = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < ' ' && c != '\t' || c == 127) {
        return refuse(Replies.BAD_CHARACTERS);
      }
      international |= c >= 128;
    }
    SmtpCommand command = SmtpCommand.parse(line);
    Verb verb = verbs.get(command.verb());
    if (verb == null) {
      return isHttp(line) ? new Step.Close(Replies.NOT_HTTP) : refuse(Replies.UNKNOWN_COMMAND);
    }
    if (turnedAway && !command.verb().equals("QUIT")) {
      return refuse(Replies.TURNED_AWAY);
    }
    if (international) {
      // Such a parameter is most likely an address that needs SMTPUTF8, which is not offered.
      boolean path = command.verb().equals("MAIL") || command.verb().equals("RCPT");
      return refuse(path ? Replies.NEEDS_SMTPUTF8 : Replies.BAD_CHARACTERS);
    }
    if (verb.needs() != Phase.ANY && origin.helo().isEmpty()) {
      return refuse(Replies.HELO_FIRST);
    }
    if (verb.needs() == Phase.MAIL && mail.isEmpty()) {
      return refuse(Replies.MAIL_FIRST);
    }
    boolean useful = verb.needs() != Phase.ANY;
    idleCommands = useful ? 0 : idleCommands + 1;
    return idleCommands > SmtpLimits.IDLE_COMMANDS
        ? new Step.Close(Replies.TOO_MANY_ERRORS)
        : verb.act().apply(command.argument());
  }

  /** A command line was longer than the limit. */
  public Step lineTooLong() {
    return refuse(Replies.LINE_TOO_LONG);
  }

  /** A command line ended in a bare LF, which is no line end (RFC 5321, 2.3.8). */
  public Step bareLineFeed() {
    return refuse(Replies.BARE_LINE_FEED);
  }

  /** Whether a mail has been begun. */
  public boolean hasMail() {
    return mail.isPresent();
  }

  private static boolean isHttp(String line) {
    return line.endsWith(" HTTP/1.1") || line.endsWith(" HTTP/1.0");
  }

  private Step helo(String argument, boolean extended) {
    String name = argument.split(" ", 2)[0];
    if (name.isEmpty() || name.length() > HELO_MAX) {
      return refuse(Replies.HELO_NEEDS_NAME);
    }
    origin = origin.withHelo(name, extended);
    mail = Optional.empty();
    return new Step.Reply(
        extended ? Replies.ehlo(hostname, limits.messageSize()) : Replies.helo(hostname));
  }

  private Step mail(String argument) {
    if (mail.isPresent()) {
      return refuse(Replies.NESTED_MAIL);
    }
    Optional<MailParameters> parsed = MailParameters.parse(argument, "FROM");
    if (parsed.isEmpty()) {
      return refuse(Replies.SYNTAX_ERROR);
    }
    long size = 0;
    MailOptions.Body body = MailOptions.Body.SEVEN_BIT;
    for (Map.Entry<String, String> parameter : parsed.get().parameters().entrySet()) {
      String value = parameter.getValue().toUpperCase(Locale.ROOT);
      switch (parameter.getKey()) {
        case "SIZE" -> {
          if (!isSize(value)) {
            return refuse(Replies.SYNTAX_ERROR);
          }
          size = value.length() > 18 ? Long.MAX_VALUE : Long.parseLong(value);
        }
        case "BODY" -> {
          switch (value) {
            case "7BIT" -> body = MailOptions.Body.SEVEN_BIT;
            case "8BITMIME" -> body = MailOptions.Body.EIGHT_BIT_MIME;
            default -> {
              return refuse(Replies.SYNTAX_ERROR);
            }
          }
        }
        case "AUTH" -> {
          // Tolerated (RFC 4954, 5): who vouches for the sender changes nothing here.
        }
        default -> {
          return refuse(Replies.UNKNOWN_PARAMETER);
        }
      }
    }
    if (size > limits.messageSize()) {
      return refuse(Replies.TOO_BIG);
    }
    try {
      declaredBody = body;
      ReversePath sender = ReversePath.parse(parsed.get().address());
      return new Step.Ask(new Sender(origin, sender, size));
    } catch (IllegalArgumentException e) {
      return refuse(Replies.BAD_SENDER);
    }
  }

  /** One to twenty digits (RFC 1870, 4). */
  private static boolean isSize(String value) {
    boolean digits = !value.isEmpty() && value.length() <= 20;
    for (int i = 0; digits && i < value.length(); i++) {
      digits = value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    return digits;
  }

  private Step rcpt(String argument) {
    Transaction transaction = mail.orElseThrow();
    Optional<MailParameters> parsed = MailParameters.parse(argument, "TO");
    if (parsed.isEmpty()) {
      return refuse(Replies.SYNTAX_ERROR);
    }
    if (!parsed.get().parameters().isEmpty()) {
      return refuse(Replies.UNKNOWN_PARAMETER);
    }
    if (transaction.recipients.size() >= limits.recipients()) {
      // Not an error of the client: it sends the rest in another mail (RFC 5321, 4.5.3.1.10).
      return new Step.Reply(Replies.TOO_MANY_RECIPIENTS);
    }
    try {
      return new Step.Ask(new Recipient(origin, transaction.sender, recipient(parsed.get())));
    } catch (IllegalArgumentException e) {
      return refuse(Replies.BAD_RECIPIENT);
    }
  }

  /** Every server takes mail for {@code <postmaster>} without a domain (RFC 5321, 4.5.1). */
  private EmailAddress recipient(MailParameters path) {
    return path.address().equalsIgnoreCase("postmaster")
        ? new EmailAddress("postmaster", new Domain(hostname))
        : path.mailbox();
  }

  private Step data(String argument) {
    if (!argument.isEmpty()) {
      return refuse(Replies.SYNTAX_ERROR);
    }
    if (mail.orElseThrow().recipients.isEmpty()) {
      return refuse(Replies.RCPT_FIRST);
    }
    return new Step.ReadData(Replies.START_DATA);
  }

  private Step quit(String argument) {
    return argument.isEmpty() ? new Step.Close(Replies.BYE) : refuse(Replies.SYNTAX_ERROR);
  }

  private Step rset(String argument) {
    if (!argument.isEmpty()) {
      return refuse(Replies.SYNTAX_ERROR);
    }
    mail = Optional.empty();
    return new Step.Reply(Replies.OK);
  }

  private Step vrfy(String argument) {
    return argument.isEmpty()
        ? refuse(Replies.SYNTAX_ERROR)
        : new Step.Reply(Replies.CANNOT_VERIFY);
  }

  /**
   * The data has ended and is kept.
   *
   * @param content without our Received field
   */
  public Step message(MailId id, Instant at, Content content) {
    Transaction transaction = mail.orElseThrow();
    Envelope envelope =
        new Envelope(
            transaction.sender, transaction.recipients, MailOptions.of(transaction.body, false));
    Origin received = origin.withAt(at);
    return new Step.Ask(
        new Mail(
            id,
            received,
            envelope,
            content.prepend(ReceivedField.of(hostname, id, received, envelope))));
  }

  /** The data has ended but is refused, for this reason. */
  public Step messageRefused(SmtpReply reply) {
    mail = Optional.empty();
    return reply.isPermanent() ? refusedByRule(reply) : new Step.Reply(reply);
  }

  /** A question was answered. */
  public Step answered(Question<?> question) {
    return switch (question) {
      case Connection c -> greeting(c);
      case Sender s -> sender(s);
      case Recipient r -> recipient(r);
      case Mail m -> mail(m);
    };
  }

  private Step greeting(Connection connection) {
    return switch (connection.verdict()) {
      case Verdict.Reject reject -> turnAway(reject.reply());
      case Verdict.Defer defer -> new Step.Close(with(421, defer.reply()));
      case Verdict.Accept a -> new Step.Reply(Replies.greeting(hostname));
      case Verdict.Undecided u -> new Step.Reply(Replies.greeting(hostname));
    };
  }

  /** It hears 554 and may then only leave (RFC 5321, 3.1). */
  private Step turnAway(SmtpReply reply) {
    turnedAway = true;
    return new Step.Reply(with(554, reply));
  }

  /** A server that does not greet says 421 or 554 (RFC 5321, 3.1 and 4.2.1). */
  private static SmtpReply with(int code, SmtpReply reply) {
    return new SmtpReply(code, reply.enhanced(), reply.lines());
  }

  private Step sender(Sender sender) {
    return switch (sender.verdict()) {
      case Verdict.Reject reject -> refusedByRule(reject.reply());
      case Verdict.Defer defer -> new Step.Reply(coded(defer.reply()));
      case Verdict.Accept a -> begin(sender);
      case Verdict.Undecided u -> begin(sender);
    };
  }

  private Step begin(Sender sender) {
    mail = Optional.of(new Transaction(sender.sender(), declaredBody));
    return new Step.Reply(Replies.SENDER_OK);
  }

  private Step recipient(Recipient recipient) {
    return switch (recipient.verdict()) {
      case Verdict.Reject reject -> refusedByRule(reject.reply());
      case Verdict.Defer defer -> new Step.Reply(coded(defer.reply()));
      case Verdict.Accept a -> add(recipient);
      case Verdict.Undecided u -> add(recipient);
    };
  }

  private Step add(Recipient recipient) {
    if (!recipient.relayPermitted()) {
      return refuse(Replies.RELAY_DENIED);
    }
    mail.orElseThrow().recipients.add(recipient.recipient());
    return new Step.Reply(Replies.RECIPIENT_OK);
  }

  private Step mail(Mail answered) {
    mail = Optional.empty();
    return switch (answered.verdict()) {
      case Verdict.Reject reject -> refusedByRule(reject.reply());
      case Verdict.Defer defer -> new Step.Reply(coded(defer.reply()));
      case Verdict.Accept a -> taken(answered);
      case Verdict.Undecided u -> taken(answered);
    };
  }

  /** Whoever brings mail that is taken may have been wrong before. */
  private Step taken(Mail accepted) {
    errors = 0;
    return new Step.Reply(Replies.queued(accepted.id()));
  }

  /** A question could not be answered: an error of ours, so the client comes again. */
  public Step answerFailed(Question<?> question) {
    if (question instanceof Mail) {
      mail = Optional.empty();
    }
    return question instanceof Connection
        ? new Step.Close(Replies.NO_GREETING)
        : new Step.Reply(Replies.LOCAL_ERROR);
  }

  private Step refuse(SmtpReply reply) {
    errors++;
    return errors > limits.errors()
        ? new Step.Close(Replies.TOO_MANY_ERRORS)
        : new Step.Reply(reply);
  }

  /**
   * A rule said no. That counts as an error only for strangers: who may relay may be wrong often.
   */
  private Step refusedByRule(SmtpReply reply) {
    return origin.trusted() ? new Step.Reply(coded(reply)) : refuse(coded(reply));
  }

  /** Every reply has an enhanced code (RFC 2034, 4), also one that a rule gave without. */
  private static SmtpReply coded(SmtpReply reply) {
    return new SmtpReply(reply.code(), Optional.of(reply.status()), reply.lines());
  }
}
