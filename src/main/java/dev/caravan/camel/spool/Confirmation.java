package dev.caravan.camel.spool;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQUnBlockedException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.SendAcknowledgementHandler;

/**
 * The broker's word for one message that was sent. When the connection is lost, Artemis' client
 * ends what waits for an answer; but a message that was just being sent may be forgotten, on the
 * old connection as on the new. Its sender need not wait for the whole time then.
 */
final class Confirmation implements SendAcknowledgementHandler {
  /** After another connection is there: what was sent on it is confirmed by then. */
  static final Duration AFTER_RENEWAL = Duration.ofSeconds(10);

  private final CompletableFuture<Void> come = new CompletableFuture<>();
  private final long begunAt;
  private final Duration max;
  private final Supplier<OptionalLong> renewedAt;

  /**
   * @param begunAt when its sending began, in {@link System#nanoTime}
   * @param max how long it may take
   * @param renewedAt when the session got another connection last, in {@link System#nanoTime}
   */
  Confirmation(long begunAt, Duration max, Supplier<OptionalLong> renewedAt) {
    this.begunAt = begunAt;
    this.max = max;
    this.renewedAt = renewedAt;
  }

  @Override
  public void sendAcknowledged(Message message) {
    come.complete(null);
  }

  @Override
  public void sendFailed(Message message, Exception e) {
    come.completeExceptionally(e);
  }

  /**
   * Returns when the message is on disk.
   *
   * @throws QueueFullException when that was not said in time
   * @throws ActiveMQException when the broker refused it
   */
  void await() throws ActiveMQException, InterruptedException {
    try {
      come.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof QueueFullException late) {
        throw late;
      }
      if (cause instanceof ActiveMQUnBlockedException) {
        throw new QueueFullException("the connection to the broker was lost");
      }
      throw new ActiveMQException("the broker refused the message: " + cause, e, null);
    }
  }

  /**
   * Ends a wait that has taken too long.
   *
   * @param now in {@link System#nanoTime}
   */
  void endIfOverdue(long now) {
    if (now - begunAt > max.toNanos()) {
      end();
      return;
    }
    OptionalLong renewed = renewedAt.get();
    if (renewed.isPresent()
        && begunAt - renewed.getAsLong() < 0
        && now - renewed.getAsLong() > AFTER_RENEWAL.toNanos()) {
      end("the connection to the broker was lost, and the message with it");
    }
  }

  /** It is not waited for any longer. */
  void end() {
    end("the broker did not confirm within " + max);
  }

  private void end(String why) {
    come.completeExceptionally(new QueueFullException(why));
  }
}
