package dev.caravan.delivery;

import dev.caravan.queue.QueuedMail;

/** A way to hand mail on. Blocking; called on virtual threads by many workers at once. */
public interface Transport extends AutoCloseable {
  /**
   * Tries once to deliver. Never throws for anything that the network or the peer does: that is an
   * outcome.
   *
   * @return one outcome for each recipient
   * @throws InterruptedException when the gateway stops; nothing has been decided then
   */
  Attempt deliver(QueuedMail mail) throws InterruptedException;

  /** Closes pooled connections. */
  @Override
  void close();
}
