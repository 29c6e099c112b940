package dev.caravan.camel.spool;

import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.client.impl.ClientLargeMessageInternal;

/**
 * A message that this process has got from a queue, and that is still there for the broker. Used by
 * one thread at a time.
 */
final class Held {
  private final ClientMessage message;

  /** Can be read once only. */
  private Optional<QueuedMail> mail = Optional.empty();

  private final CountDownLatch read = new CountDownLatch(1);

  Held(ClientMessage message) {
    this.message = message;
  }

  ClientMessage message() {
    return message;
  }

  /** The broker's number for it. */
  long number() {
    return message.getMessageID();
  }

  int priority() {
    return message.getPriority();
  }

  /**
   * The mail that it is.
   *
   * @throws IllegalArgumentException when it is none
   */
  QueuedMail mail(SpoolMessages messages) throws ActiveMQException, IOException {
    if (mail.isEmpty()) {
      mail = Optional.of(messages.read(message));
      read.countDown();
    }
    return mail.get();
  }

  /** Nobody will need it here any more. */
  void forget() {
    if (mail.isEmpty()) {
      unread();
    }
    mail.ifPresent(SpoolMessages::forget);
  }

  /** The rest of a large one is not waited for any longer. */
  void unread() {
    if (message instanceof ClientLargeMessageInternal large) {
      large.getLargeMessageController().cancel();
    }
    read.countDown();
  }

  /** Until one of the others was called. */
  void awaitRead() {
    try {
      read.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
