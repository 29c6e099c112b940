package dev.caravan.camel.spool;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/**
 * One worker of a queue whose mail does not ask for turns, with a session of its own: one mail at a
 * time, or some that share a commit; on a rung of the ladder each mail waits until it is due.
 *
 * <p>A message that is no mail goes to {@code mail.dead} with the reason.
 */
final class SpoolWorker implements Runnable {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long LOOK_MILLIS = 100;

  /** So many mails after one that failed have a commit of their own. */
  private static final int ALONE = 50;

  /** How often a mail of a rung may fail to be moved on before it steps aside. */
  private static final int FAILURES_MAX = 5;

  private final SpoolConsumer consumer;
  private final SpoolEndpoint endpoint;
  private final SpoolComponent component;
  private final CountDownLatch stop;
  private final DueTimes times = new DueTimes(System::currentTimeMillis, System::nanoTime);
  private final Room room;
  private final Readmission readmission;

  /** So many mails pass the route before the broker is asked again to move what is due. */
  private int untilMove = 1;

  /** So many mails have a commit of their own: one among them has failed, and undone the others. */
  private int alone;

  private enum Result {
    DONE,
    /** Everything since the last commit is undone. */
    BACK
  }

  /**
   * @param stop at zero it ends
   */
  SpoolWorker(SpoolConsumer consumer, CountDownLatch stop) {
    this.consumer = consumer;
    this.endpoint = consumer.endpoint();
    this.component = consumer.component();
    this.room = new Room(component, endpoint.getOutMax(), endpoint.getBatch());
    this.readmission = new Readmission(component, endpoint.queue(), endpoint.getMoveMax(), room);
    this.stop = stop;
  }

  @Override
  public void run() {
    while (!stopped()) {
      try (ClientSessionFactory connection = component.broker().connectOnce();
          ClientSession session = component.broker().session(connection, true)) {
        take(session);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception e) {
        if (consumer.failed(e, stop)) {
          return;
        }
      }
    }
  }

  private boolean inRecess() {
    return component.recess().isOn(endpoint.queue());
  }

  private boolean stopped() {
    return stop.getCount() == 0;
  }

  private void take(ClientSession session) throws ActiveMQException, InterruptedException {
    OwnTransaction transaction = new OwnTransaction(session);
    session.start();
    try (ClientConsumer queue = session.createConsumer(endpoint.queue())) {
      while (!stopped()) {
        if (inRecess()) {
          transaction.commit();
          consumer.rest(queue, stop);
          continue;
        }
        boolean open = transaction.isOpen();
        ClientMessage message = open ? queue.receiveImmediate() : consumer.await(queue, stop);
        if (message == null || !isDue(message)) {
          transaction.commit();
          if (message == null) {
            continue;
          }
          if (!awaitDue(message)) {
            transaction.rollback();
            return;
          }
        }
        if (!transaction.isOpen()) {
          room.await(message, session, stop);
        }
        Result result =
            failsAlways(message) ? stepAside(message, transaction) : process(message, transaction);
        consumer.gotOn();
        switch (result) {
          case DONE -> {
            transaction.done(batch(endpoint.getBatch()));
            moveWhatIsDue(transaction, session);
          }
          case BACK -> {
            transaction.rollback();
            alone = ALONE;
            consumer.pause(stop);
          }
        }
      }
      transaction.commit();
    }
  }

  /** What stands behind a mail that was due is most likely due, too. */
  private void moveWhatIsDue(OwnTransaction transaction, ClientSession session)
      throws ActiveMQException, InterruptedException {
    if (endpoint.getMoveMax() == 0 || !component.broker().isOurs() || --untilMove > 0) {
      return;
    }
    transaction.commit();
    int moved;
    do {
      moved = inRecess() ? 0 : readmission.move(m -> dueIn(m) <= 0, session, stop);
    } while (moved > 0 && !stopped());
    untilMove = endpoint.getBatch();
  }

  private int batch(int most) {
    if (alone == 0) {
      return most;
    }
    alone--;
    return 1;
  }

  /** On a rung all that come later stand behind it. */
  private boolean failsAlways(ClientMessage message) {
    return endpoint.isWaitUntilDue() && message.getDeliveryCount() > FAILURES_MAX;
  }

  /** It waits once more, behind the others. */
  private Result stepAside(ClientMessage message, OwnTransaction transaction)
      throws ActiveMQException {
    Optional<QueuedMail> mail = read(message, transaction);
    if (mail.isEmpty()) {
      return transaction.isBroken() ? Result.BACK : Result.DONE;
    }
    try {
      SpoolComponent.LOG.error(
          "{}: {} could not be moved on {} times; it waits once more",
          endpoint.queue(),
          mail.get().id(),
          FAILURES_MAX);
      Long due = message.getLongProperty(SpoolMessages.RETRY_AT);
      long delay = due == null ? 0 : due - message.getTimestamp();
      Duration wait = Duration.ofMillis(Math.max(delay, PAUSE.toMillis()));
      transaction.send(Parcels.waiting(component, mail.get(), endpoint.queue(), wait));
      return Result.DONE;
    } finally {
      SpoolMessages.forget(mail.get());
    }
  }

  private Result process(ClientMessage message, OwnTransaction transaction)
      throws ActiveMQException, InterruptedException {
    Optional<QueuedMail> mail = read(message, transaction);
    if (mail.isEmpty()) {
      return transaction.isBroken() ? Result.BACK : Result.DONE;
    }
    try {
      return consumer.handle(mail.get(), mail.get(), transaction) ? Result.DONE : Result.BACK;
    } finally {
      SpoolMessages.forget(mail.get());
    }
  }

  /** Acknowledges it; empty when it was buried, or can't be read now: then all must go back. */
  private Optional<QueuedMail> read(ClientMessage message, OwnTransaction transaction)
      throws ActiveMQException {
    message.acknowledge();
    transaction.begun();
    try {
      return Optional.of(component.messages().read(message));
    } catch (IllegalArgumentException e) {
      component.bury(endpoint.queue(), message, transaction, e);
    } catch (java.io.IOException e) {
      SpoolComponent.LOG.error("{}: a message can't be read now", endpoint.queue(), e);
      transaction.broken();
    }
    return Optional.empty();
  }

  private boolean isDue(ClientMessage message) {
    return !endpoint.isWaitUntilDue() || dueIn(message) <= 0;
  }

  private long dueIn(Message message) {
    Long due = message.getLongProperty(SpoolMessages.RETRY_AT);
    return due == null ? 0 : times.left(due, message.getTimestamp());
  }

  /**
   * Waits in short steps, so that a clock that jumps is noticed; false when it must go back to its
   * place: we stop, or an operator's command is at work on the queue.
   */
  private boolean awaitDue(ClientMessage message) throws InterruptedException {
    for (long left = dueIn(message); left > 0; left = dueIn(message)) {
      if (stop.await(Math.min(left, LOOK_MILLIS), MILLISECONDS) || inRecess()) {
        return false;
      }
    }
    return true;
  }
}
