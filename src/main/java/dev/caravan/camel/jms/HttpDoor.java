package dev.caravan.camel.jms;

import dev.caravan.auth.Users;
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
import dev.caravan.queue.QueueNames;
import io.vertx.core.http.HttpServerRequest;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.activemq.artemis.api.core.ActiveMQException;
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

  private final HttpLogin login;
  private final Submission submission;
  private final MailKeys keys;
  private final HttpAnswer answers = new HttpAnswer();
  private final Duration holdMax;
  private final HttpIntake intake;
  private final FanOut fanOut;
  private final Semaphore atOnce;
  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();

  /**
   * A request in work.
   *
   * @param accepted the mail's name, when its key is known already
   * @param problem why it is refused
   * @param keyed whether the application gave the mail a key
   * @param user whose it is
   * @param staged the names of the files that were staged for the mail
   */
  private record Submitted(
      Optional<MailId> accepted,
      Optional<Problem> problem,
      boolean keyed,
      Optional<String> user,
      List<String> staged) {
    Submitted(Optional<MailId> accepted, Optional<Problem> problem, boolean keyed) {
      this(accepted, problem, keyed, Optional.empty(), List.of());
    }

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
      int atOnce,
      FanOut fanOut) {
    this.login = login;
    this.submission =
        new Submission(
            hostname,
            recipientsMax,
            sizeMax,
            new Workspace(Optional.of(Path.of(room)), spoolThreshold));
    this.keys = keys;
    this.holdMax = Durations.parse(holdMax);
    this.intake =
        new HttpIntake(Path.of(room), spoolThreshold, bodyMax, Durations.parse(bodyTimeout));
    this.fanOut = fanOut;
    this.atOnce = new Semaphore(atOnce);
  }

  /** Makes the body a {@link Mail}, unless it is refused or known already. */
  public void read(Exchange exchange) throws JMSException, IOException {
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
      problem = Optional.of(intake.tooLarge());
    } catch (RequestBody.TooSlowException e) {
      problem = Optional.of(Problem.of(408, "4.4.2", "the request did not come in time"));
    } catch (Users.UsersUnavailableException e) {
      LOG.warn("nobody can log in now: {}", e.getMessage());
      problem = Optional.of(Problem.of(503, "4.7.0", "logging in is not possible now"));
    }
    if (problem.isPresent()) {
      HttpIntake.leave(request);
      submitted = new Submitted(Optional.empty(), problem, false);
    }
    exchange.setProperty(SUBMITTED, submitted);
  }

  private Submitted open(Exchange exchange, HttpServerRequest request)
      throws HttpLogin.RefusedException, RefusedException, JMSException, IOException {
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
    Optional<Problem> wrong = intake.wrong(request);
    if (wrong.isPresent()) {
      return refused(request, wrong.get());
    }
    Optional<String> full = JmsOnce.broker(exchange).fullBecause();
    if (full.isPresent()) {
      LOG.warn("a request is refused: {}", full.get());
      return refused(request, FULL);
    }
    Map<String, Object> said = new HashMap<>(Map.of("format", "json"));
    Optional.ofNullable(request.getHeader("Idempotency-Key"))
        .ifPresent(key -> said.put(Wishes.KEY, key));
    Object body = intake.body(request);
    try {
      Optional<FanOut.Plan> plan = fanOut.plan(said, body);
      return plan.isPresent()
          ? toMany(exchange, plan.get(), user)
          : mail(exchange, opened(said, body), user);
    } finally {
      if (body instanceof Path file) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Submission.Opened opened(Map<String, Object> said, Object body)
      throws RefusedException, IOException {
    try (InputStream json = HttpIntake.open(fanOut.filled(said, body))) {
      return Submission.ofJson(json, said);
    }
  }

  /** Taken in as one; its mails are made later, and get the policy's verdict then. */
  private Submitted toMany(Exchange exchange, FanOut.Plan plan, String user)
      throws RefusedException, JMSException, IOException {
    Wishes wishes = plan.wishes();
    wishes.requireNotAfter(clock.instant().plus(holdMax));
    Optional<MailId> keyed = wishes.key().map(key -> MailKeys.id(Optional.of(user), key));
    if (keyed.isEmpty() || !isKnown(exchange, keyed.get())) {
      MailId id = keyed.orElseGet(() -> MailId.next(clock, random));
      Optional<AnswerTo> to =
          wishes.on().isEmpty() ? Optional.empty() : Optional.of(answerTo(user, wishes, id));
      transaction(exchange)
          .take(
              exchange,
              id,
              keyed.isPresent(),
              session -> fanOut.put(session, plan, id, Optional.of(user), to));
      LOG.info("{}: taken in for {} recipients", id, plan.count());
      return new Submitted(Optional.of(id), Optional.empty(), keyed.isPresent());
    }
    return new Submitted(keyed, Optional.empty(), true);
  }

  /** The application's own queue; the key is what it knows the mail by. */
  private static AnswerTo answerTo(String user, Wishes wishes, MailId id) {
    return new AnswerTo(
        Answers.QUEUE + QueueNames.REPLY_PREFIX + user, wishes.key().orElse(id.value()), Set.of());
  }

  private Submitted mail(Exchange exchange, Submission.Opened opened, String user)
      throws RefusedException {
    Optional<MailId> keyed = opened.wishes().key().map(key -> MailKeys.id(Optional.of(user), key));
    if (keyed.isPresent() && isKnown(exchange, keyed.get())) {
      LOG.info("{}: submitted again with its key", keyed.get());
      return new Submitted(keyed, Optional.empty(), true);
    }
    MailId id = keyed.orElseGet(() -> MailId.next(clock, random));
    Origin origin = Origin.http(user, clock.instant());
    StagedFiles files = new StagedFiles(() -> JmsOnce.broker(exchange), Optional.of(user));
    Mail mail = submission.mail(opened, id, origin, files);
    Optional<AnswerTo> to = Optional.of(answerTo(user, opened.wishes(), id));
    exchange.getMessage().setBody(opened.wishes().applyTo(mail, to, clock.instant().plus(holdMax)));
    return new Submitted(
        Optional.empty(), Optional.empty(), keyed.isPresent(), Optional.of(user), opened.staged());
  }

  private static final Problem FULL =
      Problem.of(503, "4.3.1", "Insufficient system storage, try again later");

  private Submitted refused(HttpServerRequest request, Problem problem) {
    HttpIntake.leave(request);
    return new Submitted(Optional.empty(), Optional.of(problem), false);
  }

  private boolean isKnown(Exchange exchange, MailId id) {
    return keys.isKnown(id, clock.instant(), JmsOnce.broker(exchange));
  }

  /** Whether {@link #read} made a mail. */
  public boolean isMail(Exchange exchange) {
    return exchange.getMessage().getBody() instanceof Mail;
  }

  /** Puts a decided mail where its verdict says, and answers; the body becomes what happened. */
  public void settle(Exchange exchange)
      throws JMSException, IOException, ActiveMQException, InterruptedException {
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

  private MailEvent settled(Exchange exchange, Mail mail)
      throws JMSException, IOException, ActiveMQException, InterruptedException {
    return switch (Ruling.of(mail.verdict())) {
      case Ruling.Take to -> take(exchange, mail, to);
      case Ruling.PutOff later -> refuse(exchange, mail, later.reply());
      case Ruling.Refuse refuse -> refuse(exchange, mail, refuse.reply());
    };
  }

  private MailEvent refuse(Exchange exchange, Mail mail, SmtpReply reply) {
    answers.refused(exchange, Problem.ofRule(reply));
    return event(MailEvent.Type.REJECTED, mail, Optional.of(reply));
  }

  private MailEvent take(Exchange exchange, Mail mail, Ruling.Take to)
      throws JMSException, IOException, ActiveMQException, InterruptedException {
    boolean isKept = !to.queue().isEmpty();
    Submitted submitted = Submitted.of(exchange);
    if (submitted.keyed() || !submitted.staged().isEmpty()) {
      transaction(exchange)
          .take(
              exchange,
              mail.id(),
              submitted.keyed(),
              session -> {
                StagedFiles.remove(session, submitted.user(), submitted.staged());
                if (isKept) {
                  HandOver.put(exchange, session, mail, to.queue());
                }
              });
    } else if (isKept) {
      HandOver.spool(exchange).put(mail, to.queue());
    }
    answers.accepted(exchange, mail.id());
    return event(to.type(), mail, Optional.empty());
  }

  private OneTransaction transaction(Exchange exchange) {
    ConnectionFactory connections =
        exchange
            .getContext()
            .getRegistry()
            .lookupByNameAndType("brokerConnectionFactory", ConnectionFactory.class);
    return new OneTransaction(connections, keys, clock);
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
