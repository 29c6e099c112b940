package dev.caravan.camel.jms;

import dev.caravan.auth.Users;
import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.http.HttpLogin;
import dev.caravan.camel.http.Problem;
import dev.caravan.camel.http.RequestBody;
import dev.caravan.camel.spool.QueueFullException;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.Durations;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import dev.caravan.queue.QueueNames;
import io.vertx.core.http.HttpServerRequest;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route {@code http-in} does with {@code POST /v1/messages}: the same JSON, keys and rules
 * as over JMS. When it says {@code 202} the mail is on disk.
 */
public final class HttpDoor {
  private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);
  private static final String SUBMITTED = "CaravanHttpSubmitted";

  /** Below it the rest of a body that is refused is read past. */
  private static final long SMALL = 64 * 1024;

  private final HttpLogin login;
  private final Submission submission;
  private final MailKeys keys;
  private final HandOver handOver;
  private final HttpAnswer answers = new HttpAnswer();
  private final Duration holdMax;
  private final long bodyMax;
  private final Duration bodyTimeout;
  private final Semaphore atOnce;
  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();

  /**
   * A request in work.
   *
   * @param accepted the mail's name, when its key is known already
   * @param problem why it is refused
   * @param keyed whether the application gave the mail a key
   */
  private record Submitted(Optional<MailId> accepted, Optional<Problem> problem, boolean keyed) {
    static Submitted of(Exchange exchange) {
      Submitted known = exchange.getProperty(SUBMITTED, Submitted.class);
      if (known == null) {
        throw new IllegalStateException("http-in must read the request first");
      }
      return known;
    }
  }

  /**
   * @param room where large messages are put together: a folder
   * @param keys of applications' mails, those of all doors
   * @param bodyMax octets of a request
   * @param bodyTimeout how long a client has for a whole request
   * @param atOnce requests in work at the same time
   */
  public HttpDoor(
      HttpLogin login,
      String hostname,
      int recipientsMax,
      long sizeMax,
      String room,
      long spoolThreshold,
      MailKeys keys,
      String holdMax,
      long bodyMax,
      String bodyTimeout,
      int atOnce) {
    this.login = login;
    this.submission =
        new Submission(
            hostname,
            recipientsMax,
            sizeMax,
            new Workspace(Optional.of(Path.of(room)), spoolThreshold));
    this.keys = keys;
    this.handOver = new HandOver(clock);
    this.holdMax = Durations.parse(holdMax);
    this.bodyMax = bodyMax;
    this.bodyTimeout = Durations.parse(bodyTimeout);
    this.atOnce = new Semaphore(atOnce);
  }

  /** Makes the body a {@link Mail}, unless it is refused or known already. */
  public void read(Exchange exchange) throws IOException {
    HttpServerRequest request = exchange.getMessage().getBody(HttpServerRequest.class);
    // Nothing that a client sent stays as a header of the exchange.
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setBody("");
    Optional<Problem> problem = Optional.empty();
    Submitted submitted = new Submitted(Optional.empty(), Optional.empty(), false);
    try {
      submitted = open(exchange, request);
    } catch (HttpLogin.RefusedException e) {
      problem = Optional.of(e.problem());
    } catch (RefusedException e) {
      problem = Optional.of(Problem.ofJson(e.reply(), e.field()));
    } catch (RequestBody.TooLargeException e) {
      problem = Optional.of(tooLarge());
    } catch (RequestBody.TooSlowException e) {
      problem = Optional.of(Problem.of(408, "4.4.2", "the request did not come in time"));
    } catch (Users.UsersUnavailableException e) {
      LOG.warn("nobody can log in now: {}", e.getMessage());
      problem = Optional.of(Problem.of(503, "4.7.0", "logging in is not possible now"));
    }
    if (problem.isPresent()) {
      RequestBody.leave(request, length(request) < 0 || length(request) > SMALL);
      submitted = new Submitted(Optional.empty(), problem, false);
    }
    exchange.setProperty(SUBMITTED, submitted);
  }

  private Submitted open(Exchange exchange, HttpServerRequest request)
      throws HttpLogin.RefusedException, RefusedException, IOException {
    if (!atOnce.tryAcquire()) {
      return refused(request, Problem.of(503, "4.3.2", "too many requests at the same time"));
    }
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                atOnce.release();
              }
            });
    String user = login.user(request);
    Optional<Problem> wrong = wrong(request);
    if (wrong.isPresent()) {
      return refused(request, wrong.get());
    }
    Optional<String> full = broker(exchange).fullBecause();
    if (full.isPresent()) {
      LOG.warn("a request is refused: {}", full.get());
      return refused(request, FULL);
    }
    Optional<String> named = Optional.ofNullable(request.getHeader("Idempotency-Key"));
    Submission.Opened opened =
        Submission.ofJson(
            RequestBody.of(request, bodyMax, bodyTimeout),
            named.map(key -> Map.<String, Object>of(Wishes.KEY, key)).orElse(Map.of()));
    return mail(exchange, opened, user);
  }

  private Submitted mail(Exchange exchange, Submission.Opened opened, String user)
      throws RefusedException {
    Optional<MailId> keyed = opened.wishes().key().map(key -> MailKeys.id(Optional.of(user), key));
    if (keyed.isPresent() && isKnown(exchange, keyed.get())) {
      LOG.info("{}: submitted again with its key", keyed.get());
      return new Submitted(keyed, Optional.empty(), true);
    }
    MailId id = keyed.orElseGet(() -> MailId.next(clock, random));
    Mail mail = submission.mail(opened, id, Origin.http(user, clock.instant()));
    AnswerTo answers =
        new AnswerTo(
            Answers.QUEUE + QueueNames.REPLY_PREFIX + user,
            opened.wishes().key().orElse(id.value()),
            Set.of());
    exchange
        .getMessage()
        .setBody(
            opened.wishes().applyTo(mail, Optional.of(answers), clock.instant().plus(holdMax)));
    return new Submitted(Optional.empty(), Optional.empty(), keyed.isPresent());
  }

  private static final Problem FULL =
      Problem.of(503, "4.3.1", "Insufficient system storage, try again later");

  private Submitted refused(HttpServerRequest request, Problem problem) {
    RequestBody.leave(request, length(request) < 0 || length(request) > SMALL);
    return new Submitted(Optional.empty(), Optional.of(problem), false);
  }

  private Problem tooLarge() {
    return Problem.of(413, "5.3.4", "the request has more than " + bodyMax + " octets");
  }

  /** What can be seen before the body is read. */
  private Optional<Problem> wrong(HttpServerRequest request) {
    String type = Optional.ofNullable(request.getHeader("Content-Type")).orElse("");
    String bare = type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    String charset = type.toLowerCase(Locale.ROOT).replaceAll("[\\s\"]", "");
    boolean otherCharset = charset.contains(";charset=") && !charset.contains(";charset=utf-8");
    if (!bare.equals("application/json") || otherCharset) {
      return Optional.of(Problem.of(415, "5.6.1", "the body must be application/json in UTF-8"));
    }
    String encoding = Optional.ofNullable(request.getHeader("Content-Encoding")).orElse("");
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
      return Optional.of(Problem.of(415, "5.6.1", "the body must not be compressed"));
    }
    return length(request) > bodyMax ? Optional.of(tooLarge()) : Optional.empty();
  }

  /** What the client says; -1 when it does not. */
  private static long length(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : -1;
  }

  private static Broker broker(Exchange exchange) {
    return exchange.getContext().getRegistry().findSingleByType(Broker.class);
  }

  private boolean isKnown(Exchange exchange, MailId id) {
    return keys.isKnown(id, clock.instant(), broker(exchange));
  }

  /** Whether {@link #read} made a mail. */
  public boolean isMail(Exchange exchange) {
    return exchange.getMessage().getBody() instanceof Mail;
  }

  /** Puts a decided mail where its verdict says, and answers; the body becomes what happened. */
  public void settle(Exchange exchange) throws JMSException, IOException {
    if (!(exchange.getMessage().getBody() instanceof Mail mail)) {
      Submitted submitted = Submitted.of(exchange);
      submitted.accepted().ifPresent(id -> answers.accepted(exchange, id));
      submitted.problem().ifPresent(problem -> answers.refused(exchange, problem));
      exchange.getMessage().setBody(List.of());
      return;
    }
    try {
      exchange.getMessage().setBody(List.of(settled(exchange, mail)));
    } finally {
      Workspace.discard(mail.content());
    }
  }

  private MailEvent settled(Exchange exchange, Mail mail) throws JMSException, IOException {
    return switch (mail.verdict()) {
      case Verdict.Undecided u -> take(exchange, mail, QueueNames.OUT, MailEvent.Type.QUEUED);
      case Verdict.Accept accept ->
          switch (accept.disposition()) {
            case QUEUE -> take(exchange, mail, QueueNames.OUT, MailEvent.Type.QUEUED);
            case HOLD -> take(exchange, mail, QueueNames.HELD, MailEvent.Type.HELD);
            case QUARANTINE -> take(exchange, mail, QueueNames.QUARANTINE, MailEvent.Type.HELD);
            case DISCARD -> take(exchange, mail, "", MailEvent.Type.REJECTED);
          };
      case Verdict.Defer defer -> refuse(exchange, mail, defer.reply());
      case Verdict.Reject reject -> refuse(exchange, mail, reject.reply());
      case Verdict.Close close -> refuse(exchange, mail, close.reply());
    };
  }

  private MailEvent refuse(Exchange exchange, Mail mail, SmtpReply reply) {
    answers.refused(exchange, Problem.ofRule(reply));
    return event(MailEvent.Type.REJECTED, mail, Optional.of(reply));
  }

  private MailEvent take(Exchange exchange, Mail mail, String queue, MailEvent.Type type)
      throws JMSException, IOException {
    ConnectionFactory connections =
        exchange
            .getContext()
            .getRegistry()
            .lookupByNameAndType("brokerConnectionFactory", ConnectionFactory.class);
    new OneTransaction(connections, handOver, keys, clock)
        .take(exchange, mail, queue, Submitted.of(exchange).keyed());
    answers.accepted(exchange, mail.id());
    return event(type, mail, Optional.empty());
  }

  private MailEvent event(MailEvent.Type type, Mail mail, Optional<SmtpReply> reply) {
    return MailEvents.ofMail(type, mail, reply, clock.instant());
  }

  /** The answer that was settled. */
  public void answer(Exchange exchange) {
    answers.write(exchange);
  }

  /** The answer when a step threw: nothing is said of a mail that is on disk already. */
  public void error(Exchange exchange) {
    Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    if (exchange.getMessage().getBody() instanceof Mail mail) {
      Workspace.discard(mail.content());
    }
    if (answers.isThere(exchange)) {
      LOG.error("the event of a request could not be told", cause);
    } else if (cause instanceof QueueFullException) {
      LOG.warn("a request is refused: {}", cause.getMessage());
      answers.refused(exchange, FULL);
    } else {
      LOG.error("a request can't be served", cause);
      answers.refused(
          exchange, Problem.of(503, "4.3.0", "Local error in processing, try again later"));
    }
    answers.write(exchange);
  }
}
