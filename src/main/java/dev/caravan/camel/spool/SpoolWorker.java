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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/**
 * One worker of a consumer.
 *
 * <p>Where turns are asked for, a mail whose site (or sender domain, user or campaign) can't be
 * given more now is moved to the lane of what is at its limit, or waits here when this is it; then
 * a worker that has got its turn sees to it that another one takes the next mail. A mail that has
 * become too old while it waits is settled without an attempt: its sender must hear of it. Moves
 * share a commit, but no attempt is made before it.
 *
 * <p>A message that is no mail goes to {@code mail.dead} with the reason.
 */
final class SpoolWorker {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long LOOK_MILLIS = 100;

  /** How many mails of one site a queue that all share may have in work: the rest has a lane. */
  private static final int SHARE = 4;

  /** How often a worker that was made when there was much to do looks in vain before it goes. */
  private static final int LOOKS_MAX = 5;

  /** How long such a worker waits for a turn before it goes. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final int MOVES_MAX = 50;

  /** How often a mail of a rung may fail to be moved on before it steps aside. */
  private static final int FAILURES_MAX = 5;

  private static final Duration ASK_AGAIN = Duration.ofMillis(500);
  private static final long BETWEEN_LANES_MILLIS = 20;

  private final SpoolConsumer consumer;
  private final SpoolEndpoint endpoint;
  private final SpoolComponent component;
  private final CountDownLatch stop;
  private final boolean extra;
  private final DueTimes times = new DueTimes(System::currentTimeMillis, System::nanoTime);
  private final Room room;
  private final Readmission readmission;

  /** So many mails pass the route before the broker is asked again to move what is due. */
  private int untilMove = 1;

  /** So many mails have a commit of their own: one among them has failed, and undone the others. */
  private int alone;

  private enum Result {
    DONE,
    /** To another queue; it may share a commit with others. */
    MOVED,
    /** Everything since the last commit is undone. */
    BACK,
    /** The same, and the worker is not needed any more. */
    LEAVE
  }

  /**
   * @param stop at zero it ends
   * @param extra whether it goes when there is nothing to do
   */
  SpoolWorker(SpoolConsumer consumer, CountDownLatch stop, boolean extra) {
    this.consumer = consumer;
    this.endpoint = consumer.endpoint();
    this.component = consumer.component();
    this.room = new Room(component, endpoint.getOutMax(), endpoint.getBatch());
    this.readmission = new Readmission(component, endpoint.queue(), endpoint.getMoveMax(), room);
    this.stop = stop;
    this.extra = extra;
  }

  void run() {
    while (!stopped()) {
      try (ClientSessionFactory connection = component.broker().connect();
          ClientSession session = component.broker().session(connection, true)) {
        take(session);
        if (extra) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception e) {
        if (stopped()) {
          SpoolComponent.LOG.debug("{}: ended by the stop", endpoint.queue(), e);
          return;
        }
        SpoolComponent.LOG.warn("{}: {}; trying again", endpoint.queue(), e.toString());
        SpoolComponent.LOG.debug("the failure in full", e);
        if (pause()) {
          return;
        }
      }
    }
  }

  private boolean inRecess() {
    return component.recess().isOn(endpoint.queue());
  }

  private boolean stopped() {
    return stop.getCount() == 0;
  }

  private void take(ClientSession session) throws ActiveMQException, InterruptedException {
    SpoolTransaction transaction = new SpoolTransaction(session);
    session.start();
    try (ClientConsumer queue = session.createConsumer(endpoint.queue())) {
      for (int looks = 0; !stopped() && !(extra && looks > LOOKS_MAX); looks++) {
        if (inRecess()) {
          transaction.commit();
          consumer.rest(queue, stop);
          continue;
        }
        boolean open = transaction.isOpen();
        ClientMessage message = open ? queue.receiveImmediate() : consumer.await(queue, stop);
        if (message == null || !isDue(message)) {
          transaction.commit();
          if (message == null) {
            continue;
          }
          if (!awaitDue(message)) {
            transaction.rollback();
            return;
          }
        }
        if (!transaction.isOpen()) {
          room.await(message, session, stop);
        }
        looks = 0;
        Result result =
            failsAlways(message) ? stepAside(message, transaction) : inTurn(message, transaction);
        consumer.gotOn();
        switch (result) {
          case DONE -> {
            transaction.done(batch(endpoint.getBatch()));
            moveWhatIsDue(transaction, session);
          }
          case MOVED -> transaction.done(batch(MOVES_MAX));
          case BACK -> {
            transaction.rollback();
            alone = MOVES_MAX;
            pause();
          }
          case LEAVE -> {
            transaction.rollback();
            return;
          }
        }
      }
      transaction.commit();
    }
  }

  /** What stands behind a mail that was due is most likely due, too. */
  private void moveWhatIsDue(SpoolTransaction transaction, ClientSession session)
      throws ActiveMQException, InterruptedException {
    if (endpoint.getMoveMax() == 0 || !component.broker().isOurs() || --untilMove > 0) {
      return;
    }
    transaction.commit();
    int moved;
    do {
      moved = inRecess() ? 0 : readmission.move(m -> dueIn(m) <= 0, session, stop);
    } while (moved > 0 && !stopped());
    untilMove = endpoint.getBatch();
  }

  private int batch(int most) {
    if (alone == 0) {
      return most;
    }
    alone--;
    return 1;
  }

  /** On a rung all that come later stand behind it. */
  private boolean failsAlways(ClientMessage message) {
    return endpoint.isWaitUntilDue() && message.getDeliveryCount() > FAILURES_MAX;
  }

  /** It waits once more, behind the others. */
  private Result stepAside(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException {
    Optional<QueuedMail> mail = read(message, transaction);
    if (mail.isEmpty()) {
      return transaction.isBroken() ? Result.BACK : Result.DONE;
    }
    try {
      SpoolComponent.LOG.error(
          "{}: {} could not be moved on {} times; it waits once more",
          endpoint.queue(),
          mail.get().id(),
          FAILURES_MAX);
      Long due = message.getLongProperty(SpoolMessages.RETRY_AT);
      long delay = due == null ? 0 : due - message.getTimestamp();
      Duration wait = Duration.ofMillis(Math.max(delay, PAUSE.toMillis()));
      transaction.send(SpoolProducer.waiting(component, mail.get(), endpoint.queue(), wait));
      return Result.DONE;
    } finally {
      SpoolMessages.forget(mail.get());
    }
  }

  private Result inTurn(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException, InterruptedException {
    String site = message.getStringProperty(MailCodec.SITE);
    if (endpoint.getTurns() == Turns.NONE || site == null) {
      return process(message, transaction);
    }
    component.lanes().used(endpoint.queue());
    Ask ask = ask(message, site);
    int most = endpoint.getTurns() == Turns.WAIT ? Integer.MAX_VALUE : SHARE;
    return switch (component.traffic().tryEnter(ask, most, this::isHere)) {
      case Entry.Turn turn -> {
        // Others can see what was moved, and nothing that was moved waits for this attempt.
        transaction.commit();
        yield process(message, transaction, turn, site);
      }
      case Entry.Later later ->
          isHere(later.lane())
              ? wait(message, transaction, ask)
              : elsewhere(message, transaction, later);
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

  private Result wait(ClientMessage message, SpoolTransaction transaction, Ask ask)
      throws ActiveMQException, InterruptedException {
    transaction.commit();
    Optional<QueuedMail> mail = component.messages().readEnvelope(message);
    long start = System.nanoTime();
    consumer.waits(true);
    boolean waiting = true;
    try {
      while (!stopped() && !inRecess()) {
        switch (component.traffic().enter(ask, this::isHere, ASK_AGAIN)) {
          case Entry.Turn turn -> {
            consumer.waits(false);
            waiting = false;
            return process(message, transaction, turn, ask.site());
          }
          case Entry.Later later -> {
            if (!isHere(later.lane())) {
              return elsewhere(message, transaction, later);
            }
            if (mail.filter(this::isOld).isPresent()) {
              return settle(message, transaction, later);
            }
            if (extra && System.nanoTime() - start > PATIENCE.toNanos()) {
              return Result.LEAVE;
            }
          }
        }
      }
      return Result.LEAVE;
    } finally {
      if (waiting) {
        consumer.waits(false);
      }
    }
  }

  /** To where it must wait; from one lane to another not too fast, for it may come back. */
  private Result elsewhere(ClientMessage message, SpoolTransaction transaction, Entry.Later later)
      throws ActiveMQException, InterruptedException {
    SpoolComponent.LOG.debug("to the lane {}: {}", later.lane(), later.why());
    if (endpoint.getTurns() == Turns.WAIT && stop.await(BETWEEN_LANES_MILLIS, MILLISECONDS)) {
      return Result.LEAVE;
    }
    return move(message, transaction, later.lane());
  }

  /** Whether its sender must hear something. */
  private boolean isOld(QueuedMail mail) {
    Instant now = Clock.systemUTC().instant();
    Ladder ladder = component.ladder();
    return ladder.expired(mail, now) || ladder.warnDue(mail, now);
  }

  private Result process(
      ClientMessage message, SpoolTransaction transaction, Entry.Turn turn, String site)
      throws ActiveMQException, InterruptedException {
    try (turn) {
      if (endpoint.getTurns() == Turns.WAIT) {
        consumer.next(component.traffic().concurrencyMax(site));
      }
      return process(message, transaction);
    }
  }

  private Result process(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException, InterruptedException {
    Optional<QueuedMail> mail = read(message, transaction);
    if (mail.isEmpty()) {
      return transaction.isBroken() ? Result.BACK : Result.DONE;
    }
    try {
      return consumer.handle(mail.get(), mail.get(), transaction) ? Result.DONE : Result.BACK;
    } finally {
      SpoolMessages.forget(mail.get());
    }
  }

  /** As after an attempt that was put off, though none was made. */
  private Result settle(ClientMessage message, SpoolTransaction transaction, Entry.Later later)
      throws ActiveMQException, InterruptedException {
    Optional<QueuedMail> mail = read(message, transaction);
    if (mail.isEmpty()) {
      return transaction.isBroken() ? Result.BACK : Result.DONE;
    }
    try {
      SmtpReply reply = SmtpReply.of(451, "4.4.5", "No attempt was made: " + later.told());
      List<Outcome> outcomes =
          mail.get().envelope().recipients().stream()
              .<Outcome>map(r -> new Outcome.Deferred(r, reply, false))
              .toList();
      Attempt none = new Attempt(mail.get(), outcomes, "", "", Duration.ZERO);
      return consumer.handle(mail.get(), none, transaction) ? Result.DONE : Result.BACK;
    } finally {
      SpoolMessages.forget(mail.get());
    }
  }

  /** To this lane; where there may be no more lanes, to the first rung of the ladder. */
  private Result move(ClientMessage message, SpoolTransaction transaction, String name)
      throws ActiveMQException {
    Optional<QueuedMail> read = read(message, transaction);
    if (read.isEmpty()) {
      return transaction.isBroken() ? Result.BACK : Result.DONE;
    }
    QueuedMail mail = read.get();
    try {
      Optional<String> lane = component.lanes().openFor(name);
      transaction.send(
          lane.isPresent()
              ? SpoolProducer.urgent(component, mail, lane.get())
              : SpoolProducer.waiting(component, mail, component.ladder().rungs().getFirst()));
      return Result.MOVED;
    } finally {
      SpoolMessages.forget(mail);
    }
  }

  /** Acknowledges it; empty when it was buried, or can't be read now: then all must go back. */
  private Optional<QueuedMail> read(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException {
    message.acknowledge();
    transaction.begun();
    try {
      return Optional.of(component.messages().read(message));
    } catch (IllegalArgumentException e) {
      bury(message, transaction, e);
    } catch (java.io.IOException e) {
      SpoolComponent.LOG.error("{}: a message can't be read now", endpoint.queue(), e);
      transaction.broken();
    }
    return Optional.empty();
  }

  private void bury(ClientMessage message, SpoolTransaction transaction, RuntimeException reason)
      throws ActiveMQException {
    SpoolComponent.LOG.error(
        "{}: a message that is no mail goes to {}: {}",
        endpoint.queue(),
        QueueNames.DEAD,
        reason.getMessage());
    transaction.send(
        new SpoolSender.Parcel(
            QueueNames.DEAD,
            session -> SpoolMessages.copy(session, message, String.valueOf(reason.getMessage()))));
  }

  private boolean isDue(ClientMessage message) {
    return !endpoint.isWaitUntilDue() || dueIn(message) <= 0;
  }

  private long dueIn(Message message) {
    Long due = message.getLongProperty(SpoolMessages.RETRY_AT);
    return due == null ? 0 : times.left(due, message.getTimestamp());
  }

  /**
   * Waits in short steps, so that a clock that jumps is noticed; false when it must go back to its
   * place: we stop, or an operator's command is at work on the queue.
   */
  private boolean awaitDue(ClientMessage message) throws InterruptedException {
    for (long left = dueIn(message); left > 0; left = dueIn(message)) {
      if (stop.await(Math.min(left, LOOK_MILLIS), MILLISECONDS) || inRecess()) {
        return false;
      }
    }
    return true;
  }

  private boolean pause() {
    try {
      return stop.await(PAUSE.toMillis(), MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
