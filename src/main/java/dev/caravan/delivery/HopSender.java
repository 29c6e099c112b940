package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Sends a mail to the first of several hops that takes it, over pooled connections, in transactions
 * of a bounded number of recipients.
 */
final class HopSender implements AutoCloseable {
  /** RFC 5321, 4.5.3.1.8: a server must take 100. */
  private static final int RECIPIENTS_PER_TRANSACTION = 100;

  private static final int SWEEP_SECONDS = 5;

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

  private Attempt send(QueuedMail mail, List<Hop> hops, long start) {
    List<EmailAddress> all = mail.envelope().recipients();
    List<Outcome> outcomes = new ArrayList<>(all.size());
    String peer = "";
    String tls = "";
    SmtpReply trouble = Troubles.reply("4.4.1", "no server to try");
    int next = 0;
    int hopIndex = 0;
    while (next < all.size() && hopIndex < hops.size()) {
      Hop hop = hops.get(hopIndex);
      List<EmailAddress> some =
          all.subList(next, Math.min(all.size(), next + RECIPIENTS_PER_TRANSACTION));
      try {
        Sent sent = once(mail, some, hop);
        outcomes.addAll(sent.outcomes());
        peer = hop.toString();
        tls = sent.tls();
        next += some.size();
      } catch (HopException e) {
        trouble = e.reply();
        hopIndex++;
      }
    }
    for (EmailAddress left : all.subList(next, all.size())) {
      outcomes.add(new Outcome.Deferred(left, trouble, false));
    }
    return new Attempt(mail, outcomes, peer, tls, Duration.ofNanos(System.nanoTime() - start));
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
          hop.tls() == TlsMode.OPPORTUNISTIC
              && hop.login().isEmpty()
              && e.reply().status().toString().equals("4.7.5");
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
