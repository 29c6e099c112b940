package dev.caravan.camel.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one session for several workers. Each waits until its own work is on disk; what
 * has ended while one commit is under way gathers for the next, which one of those who wait makes
 * for all. Either all of a commit is done or nothing.
 *
 * <p>When a commit has failed nobody knows what the broker has done, and nothing more is committed.
 */
final class GroupCommit {
  private final ClientSession session;
  private final ClientProducer producer;

  private final ReentrantLock lock = new ReentrantLock();
  private List<Waiting> gathered = new ArrayList<>();
  private boolean committing;
  private @Nullable ActiveMQException failure;

  /** One who waits; its fields are guarded by the lock. */
  private static final class Waiting {
    final SharedTransaction work;
    final Condition turn;
    boolean leads;
    boolean done;

    Waiting(SharedTransaction work, Condition turn) {
      this.work = work;
      this.turn = turn;
    }
  }

  /**
   * @param session transacted, with a window for consumers of its own; used by nobody else to send,
   *     acknowledge or commit
   */
  GroupCommit(ClientSession session) throws ActiveMQException {
    this.session = session;
    this.producer = session.createProducer();
  }

  /**
   * Returns when it is on disk.
   *
   * @throws ActiveMQException when it is not, or nobody knows
   */
  void commit(SharedTransaction work) throws ActiveMQException {
    lock.lock();
    try {
      requireWhole();
      Waiting mine = new Waiting(work, lock.newCondition());
      gathered.add(mine);
      while (committing && !mine.leads && !mine.done) {
        mine.turn.awaitUninterruptibly();
      }
      if (!mine.done) {
        lead();
      }
      requireWhole();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more is committed. */
  void fail(ActiveMQException reason) {
    lock.lock();
    try {
      if (failure == null) {
        failure = reason;
      }
    } finally {
      lock.unlock();
    }
  }

  private void requireWhole() throws ActiveMQException {
    if (failure != null) {
      throw new ActiveMQException(failure.getMessage(), failure, failure.getType());
    }
  }

  /** Commits for all who have gathered; called with the lock, which is not held meanwhile. */
  private void lead() {
    committing = true;
    List<Waiting> all = gathered;
    gathered = new ArrayList<>();
    ActiveMQException reason = failure;
    if (reason == null) {
      lock.unlock();
      try {
        reason = commitAll(all);
      } finally {
        lock.lock();
      }
    }
    if (failure == null) {
      failure = reason;
    }
    for (Waiting each : all) {
      each.done = true;
      each.turn.signal();
    }
    if (gathered.isEmpty()) {
      committing = false;
    } else {
      gathered.getFirst().leads = true;
      gathered.getFirst().turn.signal();
    }
  }

  private @Nullable ActiveMQException commitAll(List<Waiting> all) {
    try {
      for (Waiting each : all) {
        each.work.enter(session, producer);
      }
      session.commit();
      return null;
    } catch (ActiveMQException e) {
      return e;
    } catch (RuntimeException e) {
      return new ActiveMQException("a commit failed: " + e, e, null);
    }
  }
}
