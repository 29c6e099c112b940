package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsObserver;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a mail to the first of several hops that takes it, over pooled connections, in transactions
 * of a bounded number of recipients; recipients that have other servers are parts of their own.
 */
final class HopSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HopSender.class);

  /**
   * How many servers may answer for one mail in one attempt: who is put off by the first is offered
   * to a second (RFC 5321, 5.1), not to all ten.
   */
  private static final int SESSIONS_MAX = 2;

  private static final int SWEEP_SECONDS = 1;

  /**
   * How long one attempt may begin with further parts of a mail: a worker is not to be held for
   * hours by a thousand domains, each with a server of its own that hangs.
   */
  private static final long LEGS_NANOS_MAX = Duration.ofMinutes(5).toNanos();

  private final ConnectionPool pool;
  private final ScheduledExecutorService sweeper;
  private volatile boolean closed;
  private volatile SiteLimits limits = SiteLimits.NONE;
  private volatile ConnectionCounts counts = ConnectionCounts.NONE;
  private volatile Sources sources = new Sources();

  HopSender(ClientOptions options, int siteConcurrency) {
    pool = new ConnectionPool(options, siteConcurrency);
    sweeper =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("connection-sweeper").daemon().factory());
    var sweeping =
        sweeper.scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    assert !sweeping.isDone();
  }

  /** Until nobody waits for a server any more: only this ends a wait that is too long. */
  private void sweep() {
    try {
      pool.sweep();
      if (closed && pool.isUnused()) {
        sweeper.shutdown();
      }
    } catch (RuntimeException e) {
      LOG.error("connections were not looked after; again in {} s", SWEEP_SECONDS, e);
    }
  }

  void limit(SiteLimits other) {
    limits = other;
    pool.limit(other);
  }

  /** How it behaves from now on. */
  void use(ClientSettings settings) {
    pool.use(settings);
    counts = settings.counts();
    sources = settings.sources();
  }

  /**
   * A part of a mail.
   *
   * @param recipients at least one
   * @param hops servers that each take mail for all of them, in the order to try them; at least one
   * @param observers hear how new connections began
   */
  record Leg(List<EmailAddress> recipients, List<Hop> hops, List<TlsObserver> observers) {}

  /** Tries the hops in order; they are not empty. */
  Attempt send(QueuedMail mail, List<Hop> hops) throws InterruptedException {
    return send(mail, List.of(new Leg(mail.envelope().recipients(), hops, List.of())), List.of());
  }

  /**
   * Sends each part to the first of its hops that takes it, one after the other.
   *
   * @param decided outcomes of recipients that are in no part
   */
  Attempt send(QueuedMail mail, List<Leg> legs, List<Outcome> decided) throws InterruptedException {
    Errand errand = new Errand(mail);
    decided.forEach(errand::put);
    if (legs.isEmpty()) {
      return errand.end();
    }
    try (ConnectionPool.Place place = pool.enter(mail.site())) {
      assert place != null;
      for (Leg leg : legs) {
        if (errand.isLate()) {
          leg.recipients().forEach(r -> errand.put(notYet(r)));
        } else {
          errand.run(leg);
        }
      }
    }
    return errand.end();
  }

  private static Outcome notYet(EmailAddress recipient) {
    return new Outcome.Deferred(
        recipient, Troubles.reply("4.4.5", "the other recipients took all the time"), false);
  }

  /** One attempt. */
  private final class Errand {
    private final long start = System.nanoTime();
    private final QueuedMail mail;
    private final Map<EmailAddress, Outcome> outcomes = new HashMap<>();
    private final Transcript transcript = new Transcript();
    private String peer = "";
    private String tls = "";
    private Source source = Source.ANY;

    /** For whom a server was to be reached. */
    private final Set<EmailAddress> asked = new HashSet<>();

    Errand(QueuedMail mail) {
      this.mail = mail;
    }

    void put(Outcome outcome) {
      outcomes.put(outcome.recipient(), outcome);
    }

    boolean isLate() {
      return System.nanoTime() - start > LEGS_NANOS_MAX;
    }

    void run(Leg leg) throws InterruptedException {
      switch (sources.choose(mail, leg.hops())) {
        case Sources.Choice.Start start -> {
          source = start.source();
          run(leg, pool.order(start.hops()));
        }
        case Sources.Choice.Later later ->
            leg.recipients().forEach(r -> put(new Outcome.Deferred(r, later.reply(), false)));
      }
    }

    private void run(Leg leg, List<Hop> hops) throws InterruptedException {
      asked.addAll(leg.recipients());
      List<EmailAddress> open = leg.recipients();
      Optional<SmtpReply> trouble = Optional.empty();
      Optional<SmtpReply> unfit = Optional.empty();
      int sessions = 0;
      for (Hop hop : hops) {
        if (open.isEmpty() || sessions == SESSIONS_MAX) {
          break;
        }
        try {
          all(open, new Try(hop, hop == hops.getLast(), leg.observers()));
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
      for (EmailAddress recipient : leg.recipients()) {
        outcomes.putIfAbsent(recipient, untold(recipient, trouble, unfit));
      }
    }

    /** In as many transactions as the server needs. */
    private void all(List<EmailAddress> recipients, Try hop) throws HopException {
      List<EmailAddress> rest = recipients;
      while (!rest.isEmpty()) {
        int most = limits.recipientsPerTransaction(mail.site()).orElse(rest.size());
        List<EmailAddress> now = rest.subList(0, Math.min(most, rest.size()));
        Sent sent = once(mail, now, hop, transcript);
        sent.outcomes().forEach(this::put);
        Set<EmailAddress> answered =
            sent.outcomes().stream().map(Outcome::recipient).collect(Collectors.toSet());
        rest = rest.stream().filter(r -> !answered.contains(r)).toList();
        peer = hop.hop().toString();
        tls = sent.tls();
      }
    }

    Attempt end() {
      List<Outcome> all = new ArrayList<>();
      for (EmailAddress r : mail.envelope().recipients()) {
        Outcome outcome = outcomes.get(r);
        all.add(outcome != null ? outcome : untold(r, Optional.empty(), Optional.empty()));
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Attempt(mail, all, peer, tls, took, source, transcript, asked);
    }
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

  /**
   * A server to try.
   *
   * @param last whether there is no other address
   * @param observers hear how a new connection began
   */
  private record Try(Hop hop, boolean last, List<TlsObserver> observers) {
    Try with(Hop other) {
      return new Try(other, last, observers);
    }
  }

  private record Sent(List<Outcome> outcomes, String tls) {}

  /** A kept connection may have been closed by the server meanwhile: then a fresh one is tried. */
  private Sent once(QueuedMail mail, List<EmailAddress> recipients, Try at, Transcript transcript)
      throws HopException {
    Hop any = at.hop();
    boolean requireTls = Fit.mustBeEncrypted(mail);
    if (requireTls && !any.expected().authentic()) {
      throw HopException.unfit(Fit.needsAuthenticName(any));
    }
    Hop hop = requireTls ? any.verified() : any;
    Optional<SmtpConnection> kept = pool.take(hop);
    if (kept.isPresent()) {
      kept.get().record(transcript);
      transcript.fact("a connection that was kept, to ", hop);
      counts.reused(mail.site());
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
      return over(open(mail.site(), at.with(hop), transcript), mail, recipients);
    } catch (HopException e) {
      throw requireTls && e.isWithoutTls() ? HopException.unfit(Fit.needsRequireTls(any)) : e;
    }
  }

  private SmtpConnection open(String site, Try at, Transcript transcript) throws HopException {
    try {
      SmtpConnection connection = open(at, transcript);
      counts.opened(site, connection.tls());
      return connection;
    } catch (HopException e) {
      counts.failed(site);
      throw e;
    }
  }

  private SmtpConnection open(Try at, Transcript transcript) throws HopException {
    Hop hop = at.hop();
    try {
      SmtpConnection connection = pool.open(hop, false, at.last(), transcript);
      at.observers().forEach(o -> o.began(hop.host(), hop.address(), connection.flaw()));
      return connection;
    } catch (HopException e) {
      e.tlsTrouble()
          .ifPresent(t -> at.observers().forEach(o -> o.failed(hop.host(), hop.address(), t)));
      boolean tlsFailed =
          hop.tls() == TlsMode.OPPORTUNISTIC && hop.login().isEmpty() && e.tlsFailed();
      if (tlsFailed) {
        transcript.fact("", e.reply());
        transcript.fact("again, in clear text", "");
        return pool.open(hop, true, at.last(), transcript);
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
      if (done && !connection.hasSent(limits.messagesPerConnection(mail.site()))) {
        pool.giveBack(connection);
      } else {
        connection.close();
      }
    }
  }

  @Override
  public void close() {
    pool.close();
    closed = true;
  }
}
