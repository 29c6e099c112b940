package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Broker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.FailoverEventType;
import org.apache.activemq.artemis.core.client.impl.ClientConsumerInternal;
import org.apache.activemq.artemis.core.client.impl.ClientMessageInternal;

/**
 * The messages of one queue for several workers, in one session: some are fetched in advance, so
 * that no worker waits for the broker, and what the workers have done is committed together ({@link
 * GroupCommit}). For the broker a message stays in its queue until the commit that ends its work;
 * whatever has not got that far is there again when the feed is closed.
 *
 * <p>No more is fetched in advance than the window has room for; a large message only arrives as it
 * is read, and what stands behind it waits for that. Safe for use by many threads.
 */
final class Feed implements AutoCloseable {
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ClientSessionFactory connection;
  private final ClientSession session;
  private final ClientConsumerInternal consumer;
  private final GroupCommit commits;
  private final BooleanSupplier resting;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();

  /** Nobody works at these. */
  private final Deque<Held> ready = new ArrayDeque<>();

  /** Those that a worker has, by their numbers. */
  private final Map<Long, Held> inWork = new HashMap<>();

  private long looks;
  private boolean ended;
  private boolean broken;

  /** Held while the broker is told how much more may come, which waits for nothing. */
  private final ReentrantLock crediting = new ReentrantLock();

  /**
   * @param window octets of messages fetched in advance
   * @param resting whether nothing is to be taken at the moment
   */
  Feed(Broker broker, String queue, int window, BooleanSupplier resting) throws ActiveMQException {
    this.resting = resting;
    connection = broker.connectOnce();
    try {
      session = broker.session(connection, true);
      commits = new GroupCommit(session);
      session.addFailoverListener(this::onFailover);
      consumer =
          (ClientConsumerInternal)
              session.createConsumer(SimpleString.of(queue), null, window, -1, false);
      // More may come when a worker has taken a message, not when the handler has got it.
      consumer.setManualFlowMessageHandler(this::arrive);
      session.start();
    } catch (ActiveMQException e) {
      connection.close();
      throw e;
    }
  }

  /** By a thread of the client's; a large message keeps it until it has been read. */
  private void arrive(ClientMessage message) {
    Held held = new Held(message);
    lock.lock();
    try {
      if (ended || broken) {
        return;
      }
      put(held);
      arrived.signal();
    } finally {
      lock.unlock();
    }
    if (message.isLargeMessage()) {
      held.awaitRead();
    }
  }

  /** Before all that are less urgent. */
  private void put(Held held) {
    Deque<Held> behind = new ArrayDeque<>();
    while (!ready.isEmpty() && ready.getLast().priority() < held.priority()) {
      behind.addFirst(ready.removeLast());
    }
    ready.addLast(held);
    ready.addAll(behind);
  }

  /** The broker hands out again what is here. */
  private void onFailover(FailoverEventType event) {
    if (event == FailoverEventType.FAILURE_DETECTED) {
      commits.fail(lost());
      abandon();
    }
  }

  private static ActiveMQException lost() {
    return new ActiveMQException("the connection to the broker was lost");
  }

  private void abandon() {
    lock.lock();
    try {
      broken = true;
      letGo();
    } finally {
      lock.unlock();
    }
  }

  private void letGo() {
    ready.forEach(Held::forget);
    ready.clear();
    arrived.signalAll();
  }

  /** Whether nothing more comes of it: another feed is needed. */
  boolean isBroken() {
    lock.lock();
    try {
      return broken;
    } finally {
      lock.unlock();
    }
  }

  /** No worker gets another message; those that wait for one return. */
  void end() {
    lock.lock();
    try {
      ended = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next message, which the caller then has until {@link #commit} or {@link #giveBack}.
   *
   * @param patient whether to wait as long as it takes, or only until {@link #look} is called
   * @return empty when none came in this time, and at the end
   * @throws ActiveMQException when the feed is broken
   */
  Optional<Held> next(boolean patient) throws ActiveMQException, InterruptedException {
    Held held;
    lock.lockInterruptibly();
    try {
      long since = looks;
      while (!broken && !ended && (ready.isEmpty() || resting.getAsBoolean())) {
        if (!patient && looks != since) {
          return Optional.empty();
        }
        await();
      }
      if (broken) {
        throw lost();
      }
      if (ended) {
        return Optional.empty();
      }
      held = ready.removeFirst();
      inWork.put(held.number(), held);
    } finally {
      lock.unlock();
    }
    credit(held);
    return Optional.of(held);
  }

  /** With a timer for nobody: it would wake a thread twice for each mail. */
  private void await() throws InterruptedException {
    if (resting.getAsBoolean()) {
      long left = arrived.awaitNanos(REST_NANOS);
      assert left <= REST_NANOS;
    } else {
      arrived.await();
    }
  }

  /** Called now and then: whoever waits in vain, and not patiently, gives up. */
  void look() {
    lock.lock();
    try {
      looks++;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** As much more may come. */
  private void credit(Held held) throws ActiveMQException {
    crediting.lock();
    try {
      consumer.flowControl(((ClientMessageInternal) held.message()).getFlowControlSize(), false);
    } finally {
      crediting.unlock();
    }
  }

  /** It is the next one again. */
  void giveBack(Held held) {
    lock.lock();
    try {
      inWork.remove(held.number());
      if (broken || ended) {
        held.forget();
      } else {
        ready.addFirst(held);
        arrived.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns when the message has left its queue, and all that was sent with it is on disk.
   *
   * @throws ActiveMQException when nobody knows whether it has: then the feed is broken
   */
  void commit(Held held, SharedTransaction transaction) throws ActiveMQException {
    try {
      commits.commit(transaction);
    } catch (ActiveMQException e) {
      abandon();
      throw e;
    }
    lock.lock();
    try {
      inWork.remove(held.number());
    } finally {
      lock.unlock();
    }
    held.forget();
  }

  /** Whether a worker has this message. */
  boolean isInWork(long number) {
    lock.lock();
    try {
      return inWork.containsKey(number);
    } finally {
      lock.unlock();
    }
  }

  /** Takes those out that nobody works at; the caller then has them. */
  List<Held> take(Predicate<Held> choice) throws ActiveMQException {
    List<Held> chosen = new ArrayList<>();
    lock.lock();
    try {
      for (Iterator<Held> each = ready.iterator(); each.hasNext(); ) {
        Held held = each.next();
        if (choice.test(held)) {
          each.remove();
          inWork.put(held.number(), held);
          chosen.add(held);
        }
      }
    } finally {
      lock.unlock();
    }
    for (Held held : chosen) {
      credit(held);
    }
    return chosen;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      ended = true;
      letGo();
      inWork.values().forEach(Held::unread);
    } finally {
      lock.unlock();
    }
    try {
      session.close();
    } catch (ActiveMQException e) {
      SpoolComponent.LOG.debug("closing a session", e);
    }
    connection.close();
  }
}
