package dev.caravan.smtp;

import dev.caravan.mail.Connection;
import dev.caravan.mail.Content;
import dev.caravan.mail.Domain;
import dev.caravan.mail.DsnRequest;
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
import dev.caravan.mail.TlsFacts;
import dev.caravan.mail.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The server's side of one connection (RFC 5321, 4.1.4): told what happened, it says what to do. It
 * knows no socket, never blocks, and is used by one thread at a time.
 *
 * <p>Two lifetimes: the connection's (who the client is, how many errors it made) and the mail's
 * (sender and recipients), which RSET, a new EHLO and the end of the data drop.
 */
public final class SmtpSession {
  private static final int HELO_MAX = 255;

  /** The end of a request line, and the preface of a later version (RFC 9113, 3.4). */
  private static final Pattern HTTP = Pattern.compile(" HTTP/\\d(\\.\\d)?$");

  /** Commands whose argument may hold UTF-8 (RFC 6531, 3.1). */
  private static final Set<String> INTERNATIONAL = Set.of("MAIL", "RCPT", "VRFY", "EXPN");

  /** What a client may say where TLS must come first (RFC 3207, 4; XCLIENT is of proxies). */
  private static final Set<String> BEFORE_TLS =
      Set.of("EHLO", "HELO", "STARTTLS", "NOOP", "RSET", "QUIT", "XCLIENT");

  /** What it may say where it must log in first (RFC 4954, 6). */
  private static final Set<String> BEFORE_LOGIN =
      Set.of("EHLO", "HELO", "STARTTLS", "AUTH", "NOOP", "RSET", "QUIT", "XCLIENT");

  /** A verb: what must have come before, and what it does. */
  private record Verb(Phase needs, Act act) {}

  private interface Act {
    Step on(String argument) throws Refusal;
  }

  private enum Phase {
    ANY,
    HELO,
    MAIL
  }

  private final Surroundings around;
  private final Map<String, Verb> verbs;
  private final LogIn logIn;
  private final boolean mayXclient;

  // The connection.
  private Origin origin;
  private int errors;
  private int idleCommands;
  private boolean turnedAway;

  // The mail.
  private Optional<MailCommand> asked = Optional.empty();
  private Optional<Transaction> mail = Optional.empty();

  /** A mail that has been begun. */
  private static final class Transaction {
    final ReversePath sender;
    final MailOptions options;
    final Map<EmailAddress, DsnRequest> recipients = new LinkedHashMap<>();
    boolean chunks;

    Transaction(ReversePath sender, MailOptions options) {
      this.sender = sender;
      this.options = options;
    }
  }

  /**
   * @param origin as far as it is known before the client has said anything
   */
  public SmtpSession(Surroundings around, Origin origin) {
    this.around = around;
    this.origin = origin;
    this.logIn = new LogIn(around);
    this.mayXclient = origin.peer().map(p -> around.mayXclient(p.getAddress())).orElse(false);
    this.verbs =
        Map.ofEntries(
            Map.entry("EHLO", new Verb(Phase.ANY, a -> helo(a, true))),
            Map.entry("HELO", new Verb(Phase.ANY, a -> helo(a, false))),
            Map.entry("STARTTLS", new Verb(Phase.HELO, this::startTls)),
            Map.entry("AUTH", new Verb(Phase.HELO, this::auth)),
            Map.entry("MAIL", new Verb(Phase.HELO, this::mail)),
            Map.entry("RCPT", new Verb(Phase.MAIL, this::rcpt)),
            Map.entry("DATA", new Verb(Phase.MAIL, this::data)),
            Map.entry("BDAT", new Verb(Phase.MAIL, this::bdat)),
            Map.entry("RSET", new Verb(Phase.ANY, this::rset)),
            Map.entry("NOOP", new Verb(Phase.ANY, a -> new Step.Reply(Replies.OK))),
            Map.entry("VRFY", new Verb(Phase.ANY, this::vrfy)),
            Map.entry("ETRN", new Verb(Phase.HELO, this::etrn)),
            Map.entry("HELP", new Verb(Phase.ANY, a -> new Step.Reply(Replies.HELP))),
            Map.entry("QUIT", new Verb(Phase.ANY, this::quit)),
            Map.entry("XCLIENT", new Verb(Phase.ANY, this::xclient)),
            Map.entry("EXPN", new Verb(Phase.ANY, a -> refuse(Replies.NOT_IMPLEMENTED))),
            Map.entry("TURN", new Verb(Phase.ANY, a -> refuse(Replies.NOT_IMPLEMENTED))));
  }

  /** The client has connected, and where TLS comes first its handshake is done. */
  public Step connected() {
    return new Step.Ask(new Connection(origin));
  }

  /** A line has come, without its CRLF; octets as ISO 8859-1 characters. */
  public Step line(String line) {
    return logIn.isOpen() ? response(line) : command(line);
  }

  private Step command(String line) {
    boolean international = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < ' ' && c != '\t' || c == 127) {
        return refuseLine(line, Replies.BAD_CHARACTERS);
      }
      international |= c >= 128;
    }
    SmtpCommand command = SmtpCommand.parse(line);
    Verb verb = verbs.get(command.verb());
    if (verb == null) {
      return isHttp(line)
          ? Step.Close.offence(Replies.NOT_HTTP)
          : refuseLine(line, Replies.UNKNOWN_COMMAND);
    }
    boolean tooLong = line.length() + 2 > around.limits().commandLine();
    if (tooLong && !command.verb().equals("AUTH")) {
      return refuseLine(line, Replies.LINE_TOO_LONG);
    }
    if (international && !INTERNATIONAL.contains(command.verb())) {
      return refuseLine(line, Replies.BAD_CHARACTERS);
    }
    Optional<SmtpReply> refusal = notNow(command.verb(), verb.needs());
    if (refusal.isPresent()) {
      return command.verb().equals("BDAT")
          ? refuseChunk(command.argument(), refusal.get())
          : refuse(refusal.get());
    }
    idleCommands = verb.needs() == Phase.ANY ? idleCommands + 1 : 0;
    if (idleCommands > around.limits().idleCommands()) {
      return Step.Close.offence(Replies.TOO_MANY_ERRORS);
    }
    try {
      String argument = command.argument();
      return verb.act().on(international ? decoded(argument) : argument);
    } catch (Refusal no) {
      return refuse(no.reply());
    }
  }

  /** Why a command can't be taken now, if so. */
  private Optional<SmtpReply> notNow(String verb, Phase needs) {
    if (turnedAway && !verb.equals("QUIT")) {
      return Optional.of(Replies.TURNED_AWAY);
    }
    if (needs != Phase.ANY && origin.helo().isEmpty()) {
      return Optional.of(Replies.HELO_FIRST);
    }
    if (mustEncrypt() && !BEFORE_TLS.contains(verb)) {
      return Optional.of(Replies.STARTTLS_FIRST);
    }
    if (mustLogIn() && !BEFORE_LOGIN.contains(verb)) {
      return Optional.of(Replies.AUTH_FIRST);
    }
    return needs == Phase.MAIL && mail.isEmpty()
        ? Optional.of(Replies.MAIL_FIRST)
        : Optional.empty();
  }

  /** What comes behind a BDAT that can't be read is part of a message, and no commands. */
  private Step refuseLine(String line, SmtpReply reply) {
    return SmtpCommand.parse(line).verb().startsWith("BDAT")
        ? Step.Close.offence(reply)
        : refuse(reply);
  }

  private static String decoded(String argument) throws Refusal {
    try {
      byte[] octets = argument.getBytes(StandardCharsets.ISO_8859_1);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(Replies.BAD_CHARACTERS);
    }
  }

  /**
   * A line was longer than {@link #lineMax}.
   *
   * @param start of the line
   */
  public Step lineTooLong(String start) {
    if (logIn.isOpen()) {
      logIn.end();
      return refuse(Replies.AUTH_LINE_TOO_LONG);
    }
    boolean auth = SmtpCommand.parse(start).verb().equals("AUTH");
    return refuseLine(start, auth ? Replies.AUTH_LINE_TOO_LONG : Replies.LINE_TOO_LONG);
  }

  /** A line ended in a bare LF, which is no line end (RFC 5321, 2.3.8). */
  public Step bareLineFeed(String line) {
    logIn.end();
    return refuseLine(line, Replies.BARE_LINE_FEED);
  }

  /**
   * Octets that the next line may have with its CRLF. An initial response makes AUTH as long as any
   * other line of the exchange.
   */
  public int lineMax() {
    int max = around.limits().commandLine();
    boolean mayLogIn = around.listening().auth() != Listening.Auth.NONE && origin.user().isEmpty();
    return mayLogIn ? Math.max(max, SmtpLimits.AUTH_LINE) : max;
  }

  /** Whether a mail has been begun. */
  public boolean hasMail() {
    return mail.isPresent();
  }

  /** What is known of the client. */
  public Origin origin() {
    return origin;
  }

  private static boolean isHttp(String line) {
    return HTTP.matcher(line).find();
  }

  private Step helo(String argument, boolean extended) throws Refusal {
    String name = argument.split(" ", 2)[0];
    if (name.isEmpty() || name.length() > HELO_MAX) {
      throw new Refusal(Replies.HELO_NEEDS_NAME);
    }
    origin = origin.withHelo(name, extended);
    mail = Optional.empty();
    return new Step.Reply(
        extended
            ? Ehlo.reply(around, origin, mayXclient)
            : Replies.helo(around.listening().hostname()));
  }

  // TLS and AUTH.

  private Step startTls(String argument) throws Refusal {
    noArgument(argument);
    if (origin.tlsFacts().isPresent()) {
      throw new Refusal(Replies.TLS_ALREADY);
    }
    if (around.listening().tls() == Listening.Tls.NONE) {
      throw new Refusal(Replies.NOT_IMPLEMENTED);
    }
    if (mail.isPresent()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    return around.canEncrypt()
        ? new Step.StartTls(Replies.START_TLS)
        : new Step.Reply(Replies.TLS_UNAVAILABLE);
  }

  /** TLS has begun: nothing that was said before counts any more (RFC 3207, 4.2). */
  public void encrypted(TlsFacts facts) {
    mail = Optional.empty();
    logIn.end();
    boolean known = origin.peer().map(p -> around.mayRelay(p.getAddress())).orElse(false);
    origin = origin.withTls(facts, known || facts.client().isPresent());
  }

  private Step auth(String argument) throws Refusal {
    if (around.listening().auth() == Listening.Auth.NONE) {
      throw new Refusal(Replies.NOT_IMPLEMENTED);
    }
    if (origin.user().isPresent()) {
      throw new Refusal(Replies.AUTH_ALREADY);
    }
    if (mail.isPresent()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    return logIn.begin(argument, origin);
  }

  private Step response(String line) {
    try {
      return logIn.response(line);
    } catch (Refusal refusal) {
      return refuse(refusal.reply());
    }
  }

  /** An exchange has gone on. */
  public Step authenticated(Authentication.Result result) {
    return switch (result) {
      case Authentication.Result.Challenge challenge -> logIn.challenge(challenge.data());
      case Authentication.Result.Success success -> {
        logIn.end();
        origin = origin.withUser(success.user());
        yield new Step.Reply(Replies.AUTHENTICATED);
      }
      case Authentication.Result.Failure failure -> {
        logIn.end();
        Step step = refuse(failure.reply());
        boolean later = step instanceof Step.Reply && !failure.delay().isZero();
        yield later ? new Step.Delayed(failure.reply(), failure.delay()) : step;
      }
    };
  }

  private boolean mustEncrypt() {
    return origin.tlsFacts().isEmpty() && around.listening().tls() == Listening.Tls.REQUIRED;
  }

  /** A certificate that our authority vouches for is as good as a password. */
  private boolean mustLogIn() {
    boolean known =
        origin.user().isPresent()
            || origin.tlsFacts().flatMap(TlsFacts::client).isPresent() && origin.trusted();
    return !known && around.listening().auth() == Listening.Auth.REQUIRED;
  }

  private Step xclient(String argument) throws Refusal {
    if (!mayXclient) {
      throw new Refusal(Replies.XCLIENT_DENIED);
    }
    if (mail.isPresent()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    origin = XclientCommand.apply(argument, origin, around::mayRelay);
    return connected();
  }

  // The mail.

  private Step mail(String argument) throws Refusal {
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

  private Step rcpt(String argument) throws Refusal {
    Transaction transaction = mail.orElseThrow();
    if (transaction.chunks) {
      throw new Refusal(Replies.BDAT_BEGUN);
    }
    RcptCommand command =
        RcptCommand.parse(argument, around.listening().hostname(), transaction.options.smtpUtf8());
    if (transaction.recipients.size() >= around.limits().recipients()) {
      // Not an error of the client: it sends the rest in another mail (RFC 5321, 4.5.3.1.10).
      return new Step.Reply(Replies.TOO_MANY_RECIPIENTS);
    }
    return new Step.Ask(
        new Recipient(origin, transaction.sender, command.recipient(), command.dsn()));
  }

  private Step data(String argument) throws Refusal {
    noArgument(argument);
    Transaction transaction = mail.orElseThrow();
    if (transaction.chunks) {
      throw new Refusal(Replies.BDAT_BEGUN);
    }
    if (transaction.options.body() == MailOptions.Body.BINARY_MIME) {
      throw new Refusal(Replies.BINARY_NEEDS_BDAT);
    }
    if (transaction.recipients.isEmpty()) {
      throw new Refusal(Replies.RCPT_FIRST);
    }
    return new Step.ReadData(Replies.START_DATA);
  }

  private Step bdat(String argument) {
    Transaction transaction = mail.orElseThrow();
    if (transaction.recipients.isEmpty()) {
      return refuseChunk(argument, Replies.RCPT_FIRST);
    }
    BdatCommand command;
    try {
      command = BdatCommand.parse(argument);
    } catch (Refusal malformed) {
      return refuseBdat(argument, malformed);
    }
    boolean first = !transaction.chunks;
    transaction.chunks = true;
    return new Step.ReadChunk(
        command.octets(),
        command.last(),
        first,
        transaction.options.body() == MailOptions.Body.BINARY_MIME);
  }

  /** The octets follow whatever the reply is, and must be read (RFC 3030, 2). */
  private Step refuseChunk(String argument, SmtpReply reply) {
    try {
      BdatCommand command = BdatCommand.parse(argument);
      return refuse(reply) instanceof Step.Reply refused
          ? new Step.SkipChunk(command.octets(), refused.reply())
          : Step.Close.offence(Replies.TOO_MANY_ERRORS);
    } catch (Refusal malformed) {
      return refuseBdat(argument, malformed);
    }
  }

  /** Nobody knows how many octets follow, unless it is clear that there are none. */
  private Step refuseBdat(String argument, Refusal malformed) {
    boolean octetsFollow = !argument.isEmpty() && Character.isDigit(argument.charAt(0));
    return octetsFollow ? Step.Close.offence(malformed.reply()) : refuse(malformed.reply());
  }

  /** A chunk that is not the last has been read. */
  public Step chunk(long octets) {
    return new Step.Reply(Replies.chunk(octets));
  }

  private Step quit(String argument) throws Refusal {
    noArgument(argument);
    return Step.Close.polite(Replies.BYE);
  }

  private Step rset(String argument) throws Refusal {
    noArgument(argument);
    mail = Optional.empty();
    return new Step.Reply(Replies.OK);
  }

  private Step vrfy(String argument) throws Refusal {
    if (argument.isEmpty()) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    return new Step.Reply(Replies.CANNOT_VERIFY);
  }

  /** RFC 1985: {@code example.com}; {@code @} before it changes nothing here. */
  private Step etrn(String argument) throws Refusal {
    if (mail.isPresent()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    if (!origin.trusted()) {
      throw new Refusal(Replies.ETRN_DENIED);
    }
    Domain domain;
    try {
      domain = new Domain(argument.startsWith("@") ? argument.substring(1) : argument);
    } catch (IllegalArgumentException e) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    return new Step.Run(() -> Replies.queueRun(domain.name(), around.startQueue(domain)));
  }

  private static void noArgument(String argument) throws Refusal {
    if (!argument.isEmpty()) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
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
            transaction.sender,
            List.copyOf(transaction.recipients.keySet()),
            transaction.options,
            transaction.recipients);
    Origin received = origin.withAt(at);
    String trace = ReceivedField.of(around.listening().hostname(), id, received, envelope);
    return new Step.Ask(new Mail(id, received, envelope, content.prepend(trace)));
  }

  /** The data has ended, or can't begin, and is refused for this reason. */
  public Step messageRefused(SmtpReply reply) {
    mail = Optional.empty();
    return reply.isPermanent() ? refusedByRule(reply) : new Step.Reply(reply);
  }

  // Answers.

  /** A question was answered. */
  public Step answered(Question<?> question) {
    return switch (question.verdict()) {
      case Verdict.Reject reject -> rejected(question, reject.reply());
      case Verdict.Defer defer -> deferred(question, defer.reply());
      case Verdict.Close close -> closed(close.reply());
      case Verdict.Accept a -> accepted(question);
      case Verdict.Undecided u -> accepted(question);
    };
  }

  private Step accepted(Question<?> question) {
    return switch (question) {
      case Connection c -> {
        origin = c.origin();
        yield new Step.Reply(Replies.greeting(around.listening().hostname()));
      }
      case Sender s -> begin(s);
      case Recipient r -> add(r);
      case Mail m -> taken(m);
    };
  }

  private Step rejected(Question<?> question, SmtpReply reply) {
    return switch (question) {
      case Connection c -> turnAway(reply);
      case Sender s -> refusedByRule(reply);
      case Recipient r -> refusedByRule(reply);
      case Mail m -> messageRefused(reply);
    };
  }

  /** A client that is let go hears 421 or 554 (RFC 5321, 3.8 and 4.2.1). */
  private Step closed(SmtpReply reply) {
    mail = Optional.empty();
    return Step.Close.polite(coded(with(reply.isTemporary() ? 421 : 554, reply)));
  }

  private Step deferred(Question<?> question, SmtpReply reply) {
    if (question instanceof Connection) {
      return Step.Close.polite(with(421, reply));
    }
    if (question instanceof Mail) {
      mail = Optional.empty();
    }
    return new Step.Reply(coded(reply));
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

  private Step begin(Sender sender) {
    boolean lowered = asked.map(MailCommand::priorityLowered).orElse(false);
    asked = Optional.empty();
    mail = Optional.of(new Transaction(sender.sender(), sender.options()));
    return new Step.Reply(lowered ? Replies.SENDER_OK_NO_PRIORITY : Replies.SENDER_OK);
  }

  private Step add(Recipient recipient) {
    if (!recipient.relayPermitted()) {
      return refuse(Replies.RELAY_DENIED);
    }
    mail.orElseThrow().recipients.put(recipient.recipient(), recipient.dsn());
    return new Step.Reply(Replies.RECIPIENT_OK);
  }

  /** Whoever brings mail that is taken may have been wrong before. */
  private Step taken(Mail accepted) {
    mail = Optional.empty();
    errors = 0;
    return new Step.Reply(Replies.queued(accepted.id()));
  }

  /** A question could not be answered: an error of ours, so the client comes again. */
  public Step answerFailed(Question<?> question) {
    if (question instanceof Mail) {
      mail = Optional.empty();
    }
    return question instanceof Connection
        ? Step.Close.polite(Replies.NO_GREETING)
        : new Step.Reply(Replies.LOCAL_ERROR);
  }

  private Step refuse(SmtpReply reply) {
    errors++;
    return errors > around.limits().errors()
        ? Step.Close.offence(Replies.TOO_MANY_ERRORS)
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
