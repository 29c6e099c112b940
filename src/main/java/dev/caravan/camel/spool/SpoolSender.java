package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Broker;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.FailoverEventType;

/**
 * Sends outside a delivery's transaction. One message goes asynchronously over one of a few shared
 * sessions and its caller waits for the broker's confirmation, which comes after the journal's
 * sync: callers at the same time share it. Its lock is held while a message is handed to it, not
 * while the confirmation is awaited. Several messages that must stand or fall together go in a
 * transaction, over a session that its caller has to itself meanwhile.
 */
final class SpoolSender implements AutoCloseable {
  private static final long LOOK_MILLIS_MAX = 1_000;

  private final Broker broker;
  private final Duration timeout;
  private final List<Lane> shared = new ArrayList<>();

  /** For large messages, so that no small one stands behind them. */
  private final List<Lane> large = new ArrayList<>();

  /** Sessions for one caller at a time; an empty place is for one that is still to be opened. */
  private final BlockingQueue<Optional<Lane>> transacted = new LinkedBlockingQueue<>();

  private final AtomicInteger turn = new AtomicInteger();

  /** What callers wait for. */
  private final Set<Confirmation> awaited = ConcurrentHashMap.newKeySet();

  /** Ends waits that take too long; a timer for each would wake a thread twice for each mail. */
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("confirmation-watchdog").daemon().factory());

  SpoolSender(Broker broker, int sessions, Duration timeout) throws ActiveMQException {
    this.broker = broker;
    this.timeout = timeout;
    for (int i = 0; i < sessions; i++) {
      shared.add(new Lane(false));
      large.add(new Lane(false));
      transacted.add(Optional.of(new Lane(true)));
    }
    long look = Math.clamp(timeout.toMillis() / 10, 1, LOOK_MILLIS_MAX);
    var looking = watchdog.scheduleWithFixedDelay(this::look, look, look, TimeUnit.MILLISECONDS);
    assert !looking.isDone();
  }

  private void look() {
    long now = System.nanoTime();
    awaited.forEach(each -> each.endIfOverdue(now));
  }

  /**
   * A message for an address.
   *
   * @param isLarge whether it is sent in pieces, which takes its time
   */
  record Parcel(String address, MessageMaker message, boolean isLarge) {
    /** A small message. */
    Parcel(String address, MessageMaker message) {
      this(address, message, false);
    }

    /** Hands it to the session, whose transaction or confirmation says when it is on disk. */
    void send(ClientSession session, ClientProducer producer) throws ActiveMQException {
      producer.send(SimpleString.of(address), message.make(session));
    }

    /** The same, with something more in the message. */
    Parcel with(Consumer<ClientMessage> more) {
      return new Parcel(
          address,
          session -> {
            ClientMessage made = message.make(session);
            more.accept(made);
            return made;
          },
          isLarge);
    }
  }

  /** Makes a message in the session that will send it. */
  interface MessageMaker {
    ClientMessage make(ClientSession session);
  }

  /**
   * Sends them all or none; returns when they are on disk.
   *
   * @throws QueueFullException when nothing can be taken in
   * @throws ActiveMQException when the broker refused or did not answer in time
   */
  void send(List<Parcel> parcels) throws ActiveMQException, InterruptedException {
    broker
        .fullBecause()
        .ifPresent(
            reason -> {
              throw new QueueFullException(reason);
            });
    if (parcels.size() == 1) {
      await(next(parcels.getFirst()).sendOne(parcels.getFirst()));
    } else if (!parcels.isEmpty()) {
      sendTogether(parcels);
    }
  }

  /**
   * After an error the session is not used again: it may still have replies to come, and the next
   * commit would take one of them for its own.
   */
  private void sendTogether(List<Parcel> parcels) throws ActiveMQException, InterruptedException {
    Optional<Lane> place = transacted.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (place == null) {
      throw new QueueFullException("no session to the broker was free within " + timeout);
    }
    Optional<Lane> good = Optional.empty();
    try {
      Lane lane = place.isPresent() ? place.get() : new Lane(true);
      try {
        lane.sendAll(parcels);
        good = Optional.of(lane);
      } finally {
        if (good.isEmpty()) {
          lane.close();
        }
      }
    } finally {
      transacted.add(good);
    }
  }

  /** Sends without waiting: for facts that nobody waits for. */
  void sendLater(Parcel parcel) throws ActiveMQException, InterruptedException {
    next(parcel).sendOne(parcel);
  }

  private Lane next(Parcel parcel) {
    List<Lane> lanes = parcel.isLarge() ? large : shared;
    return lanes.get(Math.floorMod(turn.getAndIncrement(), lanes.size()));
  }

  private void await(Confirmation confirmation) throws ActiveMQException, InterruptedException {
    awaited.add(confirmation);
    try {
      if (watchdog.isShutdown()) {
        confirmation.end();
      }
      confirmation.await();
    } finally {
      awaited.remove(confirmation);
    }
  }

  /** Who still waits has waited long enough. */
  @Override
  public void close() {
    watchdog.shutdownNow();
    awaited.forEach(Confirmation::end);
    shared.forEach(Lane::close);
    large.forEach(Lane::close);
    transacted.forEach(lane -> lane.ifPresent(Lane::close));
  }

  /** One session, with the connection that carries it. */
  private final class Lane {
    private final ReentrantLock lock = new ReentrantLock();
    private final ClientSessionFactory connection;
    private final ClientSession session;
    private final ClientProducer producer;

    /** When it had another connection, after one was lost, in {@link System#nanoTime}. */
    private volatile OptionalLong renewedAt = OptionalLong.empty();

    Lane(boolean isTransacted) throws ActiveMQException {
      connection = isTransacted ? broker.connect() : broker.connectConfirming();
      session = broker.session(connection, isTransacted);
      session.addFailoverListener(this::onFailover);
      producer = session.createProducer();
    }

    private void onFailover(FailoverEventType event) {
      if (event == FailoverEventType.FAILOVER_COMPLETED) {
        renewedAt = OptionalLong.of(System.nanoTime());
      }
    }

    /** Others wait for their turn no longer than for a confirmation: a broker may be gone. */
    Confirmation sendOne(Parcel parcel) throws ActiveMQException, InterruptedException {
      if (!lock.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new QueueFullException("the broker took nothing within " + timeout);
      }
      Confirmation confirmation = new Confirmation(System.nanoTime(), timeout, () -> renewedAt);
      try {
        producer.send(
            SimpleString.of(parcel.address()), parcel.message().make(session), confirmation);
      } finally {
        lock.unlock();
      }
      return confirmation;
    }

    void sendAll(List<Parcel> parcels) throws ActiveMQException {
      for (Parcel parcel : parcels) {
        parcel.send(session, producer);
      }
      session.commit();
    }

    void close() {
      try {
        session.close();
      } catch (ActiveMQException e) {
        SpoolComponent.LOG.debug("closing a session", e);
      }
      connection.close();
    }
  }

  /** A mail for a queue. */
  static Parcel parcel(String address, QueuedMail mail, SpoolMessages messages) {
    return new Parcel(
        address, session -> messages.write(session, mail), SpoolMessages.isLarge(mail));
  }
}
