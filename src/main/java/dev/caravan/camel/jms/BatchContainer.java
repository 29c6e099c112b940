package dev.caravan.camel.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.component.jms.DefaultJmsMessageListenerContainer;
import org.apache.camel.component.jms.JmsEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Receives with a session until nothing more is there, so many messages at most, and then commits
 * for all of them: a commit waits for the disk, whatever is in it. A lone message waits for nobody,
 * and none waits for others that take long.
 *
 * <p>A failure undoes what is in the transaction, and all of it comes again; the next messages are
 * taken one by one, so that what failed finally fails alone.
 */
final class BatchContainer extends DefaultJmsMessageListenerContainer {
  /** Messages after a failure that are taken one by one. */
  private static final int ALONE = 100;

  /** No other message is taken when the first has been in work for longer. */
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final int batchMax;
  private final AtomicInteger alone = new AtomicInteger();

  /** What the thread's message was received from. */
  private final ThreadLocal<MessageConsumer> from = new ThreadLocal<>();

  /**
   * @param batchMax messages of a transaction
   */
  BatchContainer(JmsEndpoint endpoint, int batchMax) {
    super(endpoint);
    this.batchMax = batchMax;
  }

  @Override
  protected @Nullable Message receiveMessage(MessageConsumer consumer) throws JMSException {
    from.set(consumer);
    return super.receiveMessage(consumer);
  }

  @Override
  protected void doExecuteListener(Session session, Message first) throws JMSException {
    if (!isRunning()) {
      super.doExecuteListener(session, first);
      return;
    }
    boolean isAlone = alone.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    int most = isAlone ? 1 : batchMax;
    long start = System.nanoTime();
    Message last = first;
    try {
      invokeListener(session, first);
      for (int taken = 1; taken < most && isInTime(start); taken++) {
        Message next = receiveFromConsumer(from.get(), RECEIVE_TIMEOUT_NO_WAIT);
        if (next == null) {
          break;
        }
        invokeListener(session, next);
        last = next;
      }
    } catch (JMSException | RuntimeException | Error e) {
      alone.set(ALONE);
      rollbackOnExceptionIfNecessary(session, e);
      throw e;
    }
    commitIfNecessary(session, last);
  }

  private boolean isInTime(long start) {
    return isRunning() && System.nanoTime() - start < LONGEST_NANOS;
  }
}
