package dev.caravan.smtp;

import dev.caravan.mail.Connection;
import dev.caravan.mail.Content;
import dev.caravan.mail.Domain;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import dev.caravan.mail.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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

  /** A verb: what must have come before, and what it does. */
  private record Verb(Gate.Phase needs, Act act) {}

  private interface Act {
    Step on(String argument) throws Refusal;
  }

  private final Surroundings around;
  private final Map<String, Verb> verbs;
  private final LogIn logIn;
  private final Patience patience;
  private final MailDialogue mail;
  private final Answers answers;
  private final Gate gate;
  private final boolean mayXclient;

  // The connection.
  private Origin origin;
  private boolean turnedAway;

  /**
   * @param origin as far as it is known before the client has said anything
   */
  public SmtpSession(Surroundings around, Origin origin) {
    this.around = around;
    this.origin = origin;
    this.logIn = new LogIn(around);
    this.patience = new Patience(around.limits());
    this.mail = new MailDialogue(around, patience);
    this.answers = new Answers(mail, patience);
    this.gate = new Gate(around.listening());
    this.mayXclient = origin.peer().map(p -> around.mayXclient(p.getAddress())).orElse(false);
    this.verbs =
        Map.ofEntries(
            Map.entry("EHLO", new Verb(Gate.Phase.ANY, a -> helo(a, true))),
            Map.entry("HELO", new Verb(Gate.Phase.ANY, a -> helo(a, false))),
            Map.entry("STARTTLS", new Verb(Gate.Phase.HELO, this::startTls)),
            Map.entry("AUTH", new Verb(Gate.Phase.HELO, this::auth)),
            Map.entry("MAIL", new Verb(Gate.Phase.HELO, a -> mail.mail(a, this.origin))),
            Map.entry("RCPT", new Verb(Gate.Phase.MAIL, a -> mail.rcpt(a, this.origin))),
            Map.entry("DATA", new Verb(Gate.Phase.MAIL, mail::data)),
            Map.entry("BDAT", new Verb(Gate.Phase.MAIL, mail::bdat)),
            Map.entry("RSET", new Verb(Gate.Phase.ANY, this::rset)),
            Map.entry("NOOP", new Verb(Gate.Phase.ANY, a -> new Step.Reply(Replies.OK))),
            Map.entry("VRFY", new Verb(Gate.Phase.ANY, this::vrfy)),
            Map.entry("ETRN", new Verb(Gate.Phase.HELO, this::etrn)),
            Map.entry("HELP", new Verb(Gate.Phase.ANY, a -> new Step.Reply(Replies.HELP))),
            Map.entry("QUIT", new Verb(Gate.Phase.ANY, this::quit)),
            Map.entry("XCLIENT", new Verb(Gate.Phase.ANY, this::xclient)),
            Map.entry(
                "EXPN", new Verb(Gate.Phase.ANY, a -> patience.refuse(Replies.NOT_IMPLEMENTED))),
            Map.entry(
                "TURN", new Verb(Gate.Phase.ANY, a -> patience.refuse(Replies.NOT_IMPLEMENTED))));
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
    Optional<SmtpReply> refusal =
        turnedAway && !command.verb().equals("QUIT")
            ? Optional.of(Replies.TURNED_AWAY)
            : gate.refusal(command.verb(), verb.needs(), origin, mail.hasBegun());
    if (refusal.isPresent()) {
      return command.verb().equals("BDAT")
          ? mail.refuseChunk(command.argument(), refusal.get())
          : patience.refuse(refusal.get());
    }
    if (patience.isOver(verb.needs() != Gate.Phase.ANY)) {
      return Step.Close.offence(Replies.TOO_MANY_ERRORS);
    }
    try {
      String argument = command.argument();
      return verb.act().on(international ? decoded(argument) : argument);
    } catch (Refusal no) {
      return patience.refuse(no.reply());
    }
  }

  /** What comes behind a BDAT that can't be read is part of a message, and no commands. */
  private Step refuseLine(String line, SmtpReply reply) {
    return SmtpCommand.parse(line).verb().startsWith("BDAT")
        ? Step.Close.offence(reply)
        : patience.refuse(reply);
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
      return patience.refuse(Replies.AUTH_LINE_TOO_LONG);
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
    return mail.hasBegun();
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
    mail.drop();
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
    if (mail.hasBegun()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    return around.canEncrypt()
        ? new Step.StartTls(Replies.START_TLS)
        : new Step.Reply(Replies.TLS_UNAVAILABLE);
  }

  /** TLS has begun: nothing that was said before counts any more (RFC 3207, 4.2). */
  public void encrypted(TlsFacts facts) {
    mail.drop();
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
    if (mail.hasBegun()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    return logIn.begin(argument, origin);
  }

  private Step response(String line) {
    try {
      return logIn.response(line);
    } catch (Refusal refusal) {
      return patience.refuse(refusal.reply());
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
        Step step = patience.refuse(failure.reply());
        boolean later = step instanceof Step.Reply && !failure.delay().isZero();
        yield later ? new Step.Delayed(failure.reply(), failure.delay()) : step;
      }
    };
  }

  private Step xclient(String argument) throws Refusal {
    if (!mayXclient) {
      throw new Refusal(Replies.XCLIENT_DENIED);
    }
    if (mail.hasBegun()) {
      throw new Refusal(Replies.NOT_WITHIN_MAIL);
    }
    origin = XclientCommand.apply(argument, origin, around::mayRelay);
    return connected();
  }

  // The mail.

  private Step quit(String argument) throws Refusal {
    noArgument(argument);
    return new Step.Quit(Replies.BYE);
  }

  private Step rset(String argument) throws Refusal {
    noArgument(argument);
    mail.drop();
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
    if (mail.hasBegun()) {
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

  // The message.

  /** A chunk that is not the last has been read. */
  public Step chunk(long octets) {
    return new Step.Reply(Replies.chunk(octets));
  }

  /**
   * The data has ended and is kept.
   *
   * @param content without our Received field
   */
  public Step message(MailId id, Instant at, Content content) {
    return new Step.Ask(mail.complete(id, at, content, origin));
  }

  /** The data has ended, or can't begin, and is refused for this reason. */
  public Step messageRefused(SmtpReply reply) {
    return answers.messageRefused(reply, origin.trusted());
  }

  // Answers.

  /** A question was answered. */
  public Step answered(Question<?> question) {
    return question instanceof Connection connection
        ? greeting(connection)
        : answers.of(question, origin.trusted());
  }

  /** A server that does not greet says 421 or 554 (RFC 5321, 3.1 and 4.2.1). */
  private Step greeting(Connection connection) {
    return switch (connection.verdict()) {
      case Verdict.Reject reject -> turnAway(reject.reply());
      case Verdict.Defer defer -> Step.Close.polite(Replies.withCode(421, defer.reply()));
      case Verdict.Close close -> answers.closed(close.reply());
      case Verdict.Accept a -> greet(connection);
      case Verdict.Undecided u -> greet(connection);
    };
  }

  private Step greet(Connection connection) {
    origin = connection.origin();
    return new Step.Reply(Replies.greeting(around.listening().hostname()));
  }

  /** It hears 554 and may then only leave (RFC 5321, 3.1). */
  private Step turnAway(SmtpReply reply) {
    turnedAway = true;
    return new Step.Reply(Replies.withCode(554, reply));
  }

  /** A question could not be answered: an error of ours, so the client comes again. */
  public Step answerFailed(Question<?> question) {
    return question instanceof Connection
        ? Step.Close.polite(Replies.NO_GREETING)
        : answers.failed(question);
  }
}
