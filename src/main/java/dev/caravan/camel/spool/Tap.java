package dev.caravan.camel.spool;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.jspecify.annotations.Nullable;

/** The {@link Feed} of a queue: opened when it is needed, and another one when it is broken. */
final class Tap implements AutoCloseable {
  private final SpoolComponent component;
  private final String queue;
  private final int window;

  /** Connecting takes its time, and all workers need the same feed. */
  private final ReentrantLock opening = new ReentrantLock();

  private volatile @Nullable Feed feed;
  private volatile boolean ended;

  Tap(SpoolComponent component, String queue, int window) {
    this.component = component;
    this.queue = queue;
    this.window = window;
  }

  /**
   * The feed for now.
   *
   * @throws ActiveMQException when the broker can't be reached
   */
  Feed open() throws ActiveMQException, InterruptedException {
    opening.lockInterruptibly();
    try {
      Feed known = feed;
      if (known != null && known.isBroken()) {
        known.close();
        known = null;
      }
      if (known == null) {
        known = new Feed(component.broker(), queue, window, () -> component.recess().isOn(queue));
      }
      feed = known;
      if (ended) {
        known.end();
      }
      return known;
    } finally {
      opening.unlock();
    }
  }

  /** No worker gets another message; those that wait for one return. */
  void end() {
    ended = true;
    current().ifPresent(Feed::end);
  }

  /** Called now and then: workers that are not needed any more are to notice it. */
  void look() {
    current().ifPresent(Feed::look);
  }

  /** Whether a worker has this message. */
  boolean isInWork(long number) {
    return current().filter(known -> known.isInWork(number)).isPresent();
  }

  /**
   * Moves what has been fetched in advance.
   *
   * @return how many
   */
  int move(Predicate<Held> choice, Mover mover) throws ActiveMQException {
    Optional<Feed> known = current();
    if (known.isEmpty()) {
      return 0;
    }
    List<Held> chosen = known.get().take(choice);
    for (Held held : chosen) {
      SharedTransaction transaction = new SharedTransaction(held.message());
      mover.move(held, transaction);
      known.get().commit(held, transaction);
    }
    return chosen.size();
  }

  /** Sends what a message is to its new place. */
  interface Mover {
    void move(Held held, SpoolTransaction transaction) throws ActiveMQException;
  }

  private Optional<Feed> current() {
    return Optional.ofNullable(feed);
  }

  @Override
  public void close() {
    end();
    opening.lock();
    try {
      current().ifPresent(Feed::close);
      feed = null;
      ended = false;
    } finally {
      opening.unlock();
    }
  }
}
