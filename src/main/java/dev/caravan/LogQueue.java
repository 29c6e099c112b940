package dev.caravan;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.logging.log4j.core.async.BlockingQueueFactory;
import org.apache.logging.log4j.core.config.Node;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.config.plugins.PluginFactory;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the gateway and the thread that writes the log: {@code <LogQueue/>} within
 * {@code <Async>}. When there is nothing more to write the thread rests a moment before it waits
 * for more, so that under load it is not woken for each line, and writes what has come meanwhile at
 * once.
 *
 * @param <E> what is logged
 */
@Plugin(
    name = "LogQueue",
    category = Node.CATEGORY,
    elementType = BlockingQueueFactory.ELEMENT_TYPE)
public final class LogQueue<E> implements BlockingQueueFactory<E> {
  private static final long REST_MILLIS = 10;

  private LogQueue() {}

  /** Called by Log4j. */
  @PluginFactory
  public static <E> LogQueue<E> factory() {
    return new LogQueue<>();
  }

  @Override
  public BlockingQueue<E> create(int capacity) {
    return new Resting<>(capacity);
  }

  private static final class Resting<E> extends ArrayBlockingQueue<E> {
    private static final long serialVersionUID = 1L;

    Resting(int capacity) {
      super(capacity);
    }

    @Override
    public E take() throws InterruptedException {
      @Nullable E first = poll();
      if (first == null) {
        Thread.sleep(REST_MILLIS);
        first = poll();
      }
      return first == null ? super.take() : first;
    }
  }
}
