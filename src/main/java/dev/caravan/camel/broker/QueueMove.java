package dev.caravan.camel.broker;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.filter.Filter;
import org.apache.activemq.artemis.core.paging.cursor.PageCursorProvider;
import org.apache.activemq.artemis.core.paging.cursor.PageIterator;
import org.apache.activemq.artemis.core.paging.cursor.PageSubscription;
import org.apache.activemq.artemis.core.postoffice.Binding;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.impl.QueueImpl;
import org.apache.activemq.artemis.selector.filter.Filterable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves messages from one queue of the embedded broker to another.
 *
 * <p>A queue that is on disk keeps the message that it will read next. The broker's own move goes
 * past that one too, and when it empties the page, the queue does not notice that its next message
 * has gone: it would deliver it once more. So the pages stay until the queue has looked again. Its
 * reader and the reader's lock are not public; without them nothing is moved.
 */
final class QueueMove {
  private static final Logger LOG = LoggerFactory.getLogger(QueueMove.class);

  /** Messages that are moved in one transaction. */
  private static final int TOGETHER = 500;

  /** How often a reader that needs more time is asked. */
  private static final int LOOKS_MAX = 1_000;

  private static final Field READER = field("pageIterator");
  private static final Field LOCK = field("depageLock");

  private QueueMove() {}

  private static Field field(String name) {
    try {
      Field field = QueueImpl.class.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException | InaccessibleObjectException e) {
      throw new IllegalStateException(
          "a broker whose queues we don't know: mail can't be moved", e);
    }
  }

  /**
   * @param max messages
   * @return how many were moved; the disk need not have it yet
   */
  static int move(Queue source, Choice choice, Binding target, int max) throws Exception {
    PageSubscription pages = source.getPageSubscription();
    if (pages == null
        || !(READER.get(source) instanceof PageIterator reader)
        || !(LOCK.get(source) instanceof Lock lock)) {
      return moveAll(source, choice, target, max);
    }
    PageCursorProvider cleaner = pages.getPagingStore().getCursorProvider();
    // Who else uses the reader takes a message and marks it as taken, in two steps.
    lock.lock();
    try {
      cleaner.disableCleanup();
      try {
        return moveAll(source, choice, target, max);
      } finally {
        look(reader, source);
        cleaner.resumeCleanup();
      }
    } finally {
      lock.unlock();
      // What would have been read meanwhile was put off.
      source.forceDelivery();
    }
  }

  private static int moveAll(Queue source, Choice choice, Binding target, int max)
      throws Exception {
    return source.moveReferences(
        TOGETHER,
        new ChoiceFilter(choice),
        target.getAddress(),
        /* rejectDuplicates= */ false,
        max,
        target);
  }

  private static void look(PageIterator reader, Queue source) {
    PageIterator.NextResult next = reader.tryNext();
    for (int i = 0; i < LOOKS_MAX && next == PageIterator.NextResult.retry; i++) {
      next = reader.tryNext();
    }
    if (next == PageIterator.NextResult.retry) {
      LOG.warn("{}: the next message on disk was not found in time", source.getName());
    }
  }

  /** A choice as the server asks it, where the messages are: no selector says what it says. */
  private record ChoiceFilter(Choice choice) implements Filter {
    @Override
    public boolean match(Message message) {
      return choice.test(message);
    }

    @Override
    public boolean match(Map<String, String> map) {
      return false;
    }

    @Override
    public boolean match(Filterable filterable) {
      return false;
    }

    @Override
    public SimpleString getFilterString() {
      return SimpleString.of(choice.selector().text());
    }
  }
}
