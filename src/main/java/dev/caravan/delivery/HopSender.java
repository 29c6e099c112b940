package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends a mail to the first of several hops that takes it, over pooled connections, in transactions
 * of a bounded number of recipients.
 */
final class HopSender implements AutoCloseable {
  /**
   * How many servers may answer for one mail in one attempt: who is put off by the first is offered
   * to a second (RFC 5321, 5.1), not to all ten.
   */
  private static final int SESSIONS_MAX = 2;

  private static final int SWEEP_SECONDS = 1;

  private final ConnectionPool pool;
  private final ScheduledExecutorService sweeper;

  HopSender(ClientOptions options, int siteConcurrency) {
    pool = new ConnectionPool(options, siteConcurrency);
    sweeper =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("connection-sweeper").daemon().factory());
    var sweeping =
        sweeper.scheduleWithFixedDelay(pool::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    assert !sweeping.isDone();
  }

  /** Tries the hops in order; they are not empty. */
  Attempt send(QueuedMail mail, List<Hop> hops) throws InterruptedException {
    long start = System.nanoTime();
    try (ConnectionPool.Place place = pool.enter(mail.site())) {
      assert place != null;
      return send(mail, hops, start);
    }
  }

  private Attempt send(QueuedMail mail, List<Hop> hops, long start) throws InterruptedException {
    List<EmailAddress> open = mail.envelope().recipients();
    Map<EmailAddress, Outcome> outcomes = new HashMap<>();
    String peer = "";
    String tls = "";
    Source source = Source.ANY;
    Transcript transcript = new Transcript();
    Optional<SmtpReply> trouble = Optional.empty();
    Optional<SmtpReply> unfit = Optional.empty();
    int sessions = 0;
    for (Hop hop : hops) {
      if (open.isEmpty() || sessions == SESSIONS_MAX) {
        break;
      }
      try {
        for (List<EmailAddress> rest = open; !rest.isEmpty(); ) {
          Sent sent = once(mail, rest, hop, transcript);
          sent.outcomes().forEach(o -> outcomes.put(o.recipient(), o));
          Set<EmailAddress> answered =
              sent.outcomes().stream().map(Outcome::recipient).collect(Collectors.toSet());
          rest = rest.stream().filter(r -> !answered.contains(r)).toList();
          peer = hop.toString();
          tls = sent.tls();
          source = hop.source();
        }
        sessions++;
      } catch (HopException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException("stopping");
        }
        transcript.fact("", e.reply());
        if (e.isUnfit()) {
          unfit = Optional.of(e.reply());
        } else {
          trouble = Optional.of(e.reply());
        }
      }
      open = open.stream().filter(r -> mayTryElsewhere(outcomes.get(r))).toList();
    }
    List<Outcome> all = new ArrayList<>();
    for (EmailAddress r : mail.envelope().recipients()) {
      Outcome outcome = outcomes.get(r);
      all.add(outcome != null ? outcome : untold(r, trouble, unfit));
    }
    return new Attempt(
        mail, all, peer, tls, Duration.ofNanos(System.nanoTime() - start), source, transcript);
  }

  /** Never, when no server can take it; later, while one of them may yet. */
  private static Outcome untold(
      EmailAddress recipient, Optional<SmtpReply> trouble, Optional<SmtpReply> unfit) {
    return trouble.isEmpty() && unfit.isPresent()
        ? new Outcome.Failed(recipient, unfit.get())
        : new Outcome.Deferred(
            recipient, trouble.orElse(Troubles.reply("4.4.1", "no server to try")), false);
  }

  /** Not yet answered, or only put off, and certainly not taken. */
  private static boolean mayTryElsewhere(@Nullable Outcome outcome) {
    return outcome == null || outcome instanceof Outcome.Deferred d && !d.maybeDuplicate();
  }

  private record Sent(List<Outcome> outcomes, String tls) {}

  /** A kept connection may have been closed by the server meanwhile: then a fresh one is tried. */
  private Sent once(QueuedMail mail, List<EmailAddress> recipients, Hop any, Transcript transcript)
      throws HopException {
    boolean requireTls = Fit.mustBeEncrypted(mail);
    Hop hop = requireTls ? any.verified() : any;
    Optional<SmtpConnection> kept = pool.take(hop);
    if (kept.isPresent()) {
      kept.get().record(transcript);
      transcript.fact("a connection that was kept, to ", hop);
      try {
        return over(kept.get(), mail, recipients);
      } catch (HopException e) {
        if (e.isUnfit()) {
          throw e;
        }
        transcript.fact("", e.reply());
        // a fresh connection tells whether the server is really in trouble
      }
    }
    try {
      return over(open(hop, transcript), mail, recipients);
    } catch (HopException e) {
      throw requireTls && e.isWithoutTls() ? HopException.unfit(Fit.needsRequireTls(any)) : e;
    }
  }

  private SmtpConnection open(Hop hop, Transcript transcript) throws HopException {
    try {
      return pool.open(hop, false, transcript);
    } catch (HopException e) {
      boolean tlsFailed =
          hop.tls() == TlsMode.OPPORTUNISTIC && hop.login().isEmpty() && e.tlsFailed();
      if (tlsFailed) {
        transcript.fact("", e.reply());
        transcript.fact("again, in clear text", "");
        return pool.open(hop, true, transcript);
      }
      throw e;
    }
  }

  private Sent over(SmtpConnection connection, QueuedMail mail, List<EmailAddress> recipients)
      throws HopException {
    boolean done = false;
    try {
      List<Outcome> outcomes = connection.send(mail, recipients);
      done = true;
      return new Sent(outcomes, connection.tls());
    } finally {
      if (done) {
        pool.giveBack(connection);
      } else {
        connection.close();
      }
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
    pool.close();
  }
}
