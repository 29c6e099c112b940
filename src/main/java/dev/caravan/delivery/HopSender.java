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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a mail to the first of several hops that takes it, over pooled connections, in transactions
 * of a bounded number of recipients.
 */
final class HopSender implements AutoCloseable {
  /** RFC 5321, 4.5.3.1.8: a server must take 100. */
  private static final int RECIPIENTS_PER_TRANSACTION = 100;

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
    SmtpReply trouble = Troubles.reply("4.4.1", "no server to try");
    int sessions = 0;
    boolean requireTls = mail.envelope().options().requireTls();
    for (Hop offered : hops) {
      Hop hop = requireTls ? offered.verified() : offered;
      if (open.isEmpty() || sessions == SESSIONS_MAX) {
        break;
      }
      try {
        for (List<EmailAddress> some : transactions(open)) {
          Sent sent = once(mail, some, hop);
          sent.outcomes().forEach(o -> outcomes.put(o.recipient(), o));
          peer = hop.toString();
          tls = sent.tls();
        }
        sessions++;
      } catch (HopException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException("stopping");
        }
        trouble = e.reply();
      }
      open = open.stream().filter(r -> mayTryElsewhere(outcomes.get(r))).toList();
    }
    List<Outcome> all = new ArrayList<>();
    for (EmailAddress r : mail.envelope().recipients()) {
      Outcome outcome = outcomes.get(r);
      all.add(outcome != null ? outcome : new Outcome.Deferred(r, trouble, false));
    }
    return new Attempt(mail, all, peer, tls, Duration.ofNanos(System.nanoTime() - start));
  }

  private static List<List<EmailAddress>> transactions(List<EmailAddress> recipients) {
    List<List<EmailAddress>> all = new ArrayList<>();
    for (int from = 0; from < recipients.size(); from += RECIPIENTS_PER_TRANSACTION) {
      int to = Math.min(recipients.size(), from + RECIPIENTS_PER_TRANSACTION);
      all.add(recipients.subList(from, to));
    }
    return all;
  }

  /** Not yet answered, or only put off, and certainly not taken. */
  private static boolean mayTryElsewhere(@Nullable Outcome outcome) {
    return outcome == null || outcome instanceof Outcome.Deferred d && !d.maybeDuplicate();
  }

  private record Sent(List<Outcome> outcomes, String tls) {}

  /** A kept connection may have been closed by the server meanwhile: then a fresh one is tried. */
  private Sent once(QueuedMail mail, List<EmailAddress> recipients, Hop hop) throws HopException {
    Optional<SmtpConnection> kept = pool.take(hop);
    if (kept.isPresent()) {
      try {
        return over(kept.get(), mail, recipients);
      } catch (HopException e) {
        // a fresh connection tells whether the server is really in trouble
      }
    }
    return over(open(hop), mail, recipients);
  }

  private SmtpConnection open(Hop hop) throws HopException {
    try {
      return pool.open(hop, false);
    } catch (HopException e) {
      boolean tlsFailed =
          hop.tls() == TlsMode.OPPORTUNISTIC && hop.login().isEmpty() && e.tlsFailed();
      if (tlsFailed) {
        return pool.open(hop, true);
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
