package dev.caravan.camel.spool;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.SourcePool;
import dev.caravan.delivery.Sources;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import dev.caravan.traffic.Ask;
import dev.caravan.traffic.Entry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientMessage;

/**
 * One worker of a queue whose mail waits for turns; it shares the {@link Feed} of its consumer.
 *
 * <p>A mail whose site (or sender domain, user or campaign) can't be given more now is moved to the
 * lane of what is at its limit, or waits here when this is it; then a worker that has got its turn
 * sees to it that another one takes the next mail. A mail that has become too old while it waits is
 * settled without an attempt: its sender must hear of it.
 *
 * <p>A message that is no mail goes to {@code mail.dead} with the reason.
 */
final class TurnWorker implements Runnable {
  /** How many mails of one site a queue that all share may have in work: the rest has a lane. */
  private static final int SHARE = 4;

  /** How often a worker that was made when there was much to do looks in vain before it goes. */
  private static final int LOOKS_MAX = 10;

  /** How long such a worker waits for a turn before it goes. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration ASK_AGAIN = Duration.ofMillis(500);
  private static final long BETWEEN_LANES_MILLIS = 20;

  /** What has become of a message. */
  private enum End {
    /** It has left its queue. */
    DONE,
    /** It is where it was. */
    BACK,
    /** The same, and the worker is not needed any more. */
    LEAVE
  }

  private final SpoolConsumer consumer;
  private final SpoolEndpoint endpoint;
  private final SpoolComponent component;
  private final CountDownLatch stop;
  private final boolean extra;

  /**
   * @param stop at zero it ends
   * @param extra whether it goes when there is nothing to do
   */
  TurnWorker(SpoolConsumer consumer, CountDownLatch stop, boolean extra) {
    this.consumer = consumer;
    this.endpoint = consumer.endpoint();
    this.component = consumer.component();
    this.stop = stop;
    this.extra = extra;
  }

  @Override
  public void run() {
    while (!stopped()) {
      try {
        work(consumer.tap().open());
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ActiveMQException | RuntimeException e) {
        if (consumer.failed(e, stop)) {
          return;
        }
      }
    }
  }

  /** Until we stop, or until there is nothing to do for a worker that goes then. */
  private void work(Feed feed) throws ActiveMQException, InterruptedException {
    int inVain = 0;
    while (!stopped() && !(extra && inVain > LOOKS_MAX)) {
      Optional<Held> next = consumer.next(feed, !extra);
      inVain = next.isPresent() ? 0 : inVain + 1;
      if (next.isPresent() && !workAt(next.get(), feed)) {
        return;
      }
    }
  }

  /** Whether this worker is needed any longer. */
  private boolean workAt(Held held, Feed feed) throws ActiveMQException, InterruptedException {
    End end = End.BACK;
    try {
      end = inTurn(held, feed);
      consumer.gotOn();
    } finally {
      if (end != End.DONE) {
        feed.giveBack(held);
      }
    }
    return end != End.LEAVE && (end != End.BACK || !consumer.pause(stop));
  }

  private boolean inRecess() {
    return component.recess().isOn(endpoint.queue());
  }

  private boolean stopped() {
    return stop.getCount() == 0;
  }

  private End inTurn(Held held, Feed feed) throws ActiveMQException, InterruptedException {
    String site = held.message().getStringProperty(MailCodec.SITE);
    if (site == null) {
      return process(held, feed, () -> {});
    }
    component.lanes().used(endpoint.queue());
    Ask ask = ask(held.message(), site);
    int most = endpoint.getTurns() == Turns.WAIT ? Integer.MAX_VALUE : SHARE;
    return switch (component.traffic().tryEnter(ask, most, this::isHere)) {
      case Entry.Turn turn -> process(held, feed, turn, site);
      case Entry.Later later ->
          isHere(later.lane()) ? wait(held, feed, ask) : elsewhere(held, feed, later);
    };
  }

  private boolean isHere(String lane) {
    return endpoint.getTurns() == Turns.WAIT && QueueNames.lane(lane).equals(endpoint.queue());
  }

  private Ask ask(ClientMessage message, String site) {
    if (!component.traffic().countsSenders() && !component.traffic().mindsSources()) {
      return Ask.of(site);
    }
    String from = text(message, MailCodec.FROM);
    return new Ask(
        site,
        from.substring(from.lastIndexOf('@') + 1),
        text(message, MailCodec.USER),
        text(message, MailCodec.CAMPAIGN),
        text(message, MailCodec.ID),
        pool(message));
  }

  /** Where it may start from; of a large mail that is not known when it depends on the header. */
  private Optional<SourcePool> pool(ClientMessage message) {
    Sources sources = component.traffic().sources();
    return !component.traffic().mindsSources()
        ? Optional.empty()
        : (sources.looksAtHeaders()
                ? component.messages().readHeader(message)
                : component.messages().readEnvelope(message))
            .map(sources::poolOf);
  }

  private static String text(ClientMessage message, String property) {
    return Objects.requireNonNullElse(message.getStringProperty(property), "");
  }

  private End wait(Held held, Feed feed, Ask ask) throws ActiveMQException, InterruptedException {
    Optional<QueuedMail> mail = component.messages().readEnvelope(held.message());
    long start = System.nanoTime();
    consumer.waits(true);
    boolean waiting = true;
    try {
      while (!stopped() && !inRecess()) {
        switch (component.traffic().enter(ask, this::isHere, ASK_AGAIN)) {
          case Entry.Turn turn -> {
            consumer.waits(false);
            waiting = false;
            return process(held, feed, turn, ask.site());
          }
          case Entry.Later later -> {
            if (!isHere(later.lane())) {
              return elsewhere(held, feed, later);
            }
            if (mail.filter(this::isOld).isPresent()) {
              return settle(held, feed, later);
            }
            if (extra && System.nanoTime() - start > PATIENCE.toNanos()) {
              return End.LEAVE;
            }
          }
        }
      }
      return End.BACK;
    } finally {
      if (waiting) {
        consumer.waits(false);
      }
    }
  }

  /** To where it must wait; from one lane to another not too fast, for it may come back. */
  private End elsewhere(Held held, Feed feed, Entry.Later later)
      throws ActiveMQException, InterruptedException {
    SpoolComponent.LOG.debug("to the lane {}: {}", later.lane(), later.why());
    if (endpoint.getTurns() == Turns.WAIT && stop.await(BETWEEN_LANES_MILLIS, MILLISECONDS)) {
      return End.LEAVE;
    }
    return move(held, feed, later.lane());
  }

  /** Whether its sender must hear something. */
  private boolean isOld(QueuedMail mail) {
    Instant now = Clock.systemUTC().instant();
    Ladder ladder = component.ladder();
    return ladder.expired(mail, now) || ladder.warnDue(mail, now);
  }

  private End process(Held held, Feed feed, Entry.Turn turn, String site)
      throws ActiveMQException, InterruptedException {
    try (turn) {
      if (endpoint.getTurns() == Turns.WAIT) {
        // As many again as have a turn may wait for their commit.
        consumer.next(2 * component.traffic().concurrencyMax(site));
      }
      return process(held, feed, turn);
    }
  }

  /** The turn is over with the attempt: the next mail need not wait for the commit. */
  private End process(Held held, Feed feed, Entry.Turn turn)
      throws ActiveMQException, InterruptedException {
    End end =
        with(
            held,
            feed,
            (mail, transaction) -> {
              boolean good = consumer.handle(mail, mail, transaction);
              turn.close();
              return good;
            });
    component.inFlow().settled();
    return end;
  }

  /** As after an attempt that was put off, though none was made. */
  private End settle(Held held, Feed feed, Entry.Later later)
      throws ActiveMQException, InterruptedException {
    return with(
        held,
        feed,
        (mail, transaction) -> {
          SmtpReply reply = SmtpReply.of(451, "4.4.5", "No attempt was made: " + later.told());
          List<Outcome> outcomes =
              mail.envelope().recipients().stream()
                  .<Outcome>map(r -> new Outcome.Deferred(r, reply, false))
                  .toList();
          Attempt none = new Attempt(mail, outcomes, "", "", Duration.ZERO);
          return consumer.handle(mail, none, transaction);
        });
  }

  /** To this lane; where there may be no more lanes, to the first rung of the ladder. */
  private End move(Held held, Feed feed, String name)
      throws ActiveMQException, InterruptedException {
    return with(
        held,
        feed,
        (mail, transaction) -> {
          Optional<String> lane = component.lanes().openFor(name);
          transaction.send(
              lane.isPresent()
                  ? Parcels.urgent(component, mail, lane.get())
                  : Parcels.waiting(component, mail, component.ladder().rungs().getFirst()));
          return true;
        });
  }

  private interface Work {
    /** False when nothing is to be committed. */
    boolean on(QueuedMail mail, SharedTransaction transaction)
        throws ActiveMQException, InterruptedException;
  }

  /** What is no mail is buried instead. */
  private End with(Held held, Feed feed, Work work) throws ActiveMQException, InterruptedException {
    SharedTransaction transaction = new SharedTransaction(held.message());
    QueuedMail mail;
    try {
      mail = held.mail(component.messages());
    } catch (IllegalArgumentException e) {
      component.bury(endpoint.queue(), held.message(), transaction, e);
      feed.commit(held, transaction);
      return End.DONE;
    } catch (IOException e) {
      SpoolComponent.LOG.error("{}: a message can't be read now", endpoint.queue(), e);
      return End.BACK;
    }
    if (!work.on(mail, transaction)) {
      return End.BACK;
    }
    try {
      feed.commit(held, transaction);
    } catch (ActiveMQException e) {
      SpoolComponent.LOG.warn("{}: what became of it is not on disk; it comes again", mail.id());
      throw e;
    }
    return End.DONE;
  }
}
