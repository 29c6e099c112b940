package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Choice;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;

/**
 * The mails of a queue that our workers have fetched in advance: for the broker they are being
 * delivered, but nobody works at them, and an operator's command reaches them. To be used in a
 * {@link Recess} of the queue, in which no worker takes any of them.
 */
record Recall(SpoolComponent component, String queue) {
  private static final long ARRIVAL_MILLIS = 1_000;
  private static final long LOOK_MILLIS = 10;

  private List<Tap> taps() {
    return component.running().stream()
        .filter(consumer -> consumer.takesFrom(queue) && consumer.fetchesInAdvance())
        .map(SpoolConsumer::tap)
        .toList();
  }

  /**
   * Moves those that are chosen, each in a transaction; what is on its way from the broker is
   * waited for, a second at most.
   *
   * @return how many
   */
  int move(Choice choice, String to) throws ActiveMQException, InterruptedException {
    if (!component.broker().isOurs()) {
      // Of a large one only the envelope is here.
      return move(held -> !held.message().isLargeMessage() && choice.test(held.message()), to);
    }
    long deadline = System.currentTimeMillis() + ARRIVAL_MILLIS;
    int moved = 0;
    for (Set<Long> meant = untaken(choice); !meant.isEmpty(); meant = untaken(choice)) {
      Set<Long> numbers = meant;
      int found = move(held -> numbers.contains(held.number()), to);
      moved += found;
      if (found == 0) {
        if (System.currentTimeMillis() > deadline) {
          break;
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
    return moved;
  }

  private int move(Predicate<Held> chosen, String to) throws ActiveMQException {
    int moved = 0;
    for (Tap tap : taps()) {
      moved += tap.move(chosen, (held, transaction) -> send(held, to, transaction));
    }
    return moved;
  }

  /** How many are being delivered. */
  long inWork(Choice choice) {
    return component.broker().inHand(queue, choice).stream().filter(this::isInWork).count();
  }

  private Set<Long> untaken(Choice choice) {
    return component.broker().inHand(queue, choice).stream()
        .filter(number -> !isInWork(number))
        .collect(Collectors.toSet());
  }

  /**
   * Whether a worker has this message; where we have no workers one of another node may have it.
   */
  boolean isInWork(long number) {
    List<Tap> taps = taps();
    return taps.isEmpty() || taps.stream().anyMatch(tap -> tap.isInWork(number));
  }

  private void send(Held held, String to, SpoolTransaction transaction) throws ActiveMQException {
    SpoolSender.Parcel parcel;
    try {
      parcel = Parcels.urgent(component, held.mail(component.messages()), to);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      parcel =
          new SpoolSender.Parcel(
              to, session -> SpoolMessages.copy(session, held.message(), reason));
    } catch (IOException e) {
      throw new ActiveMQException("a message can't be read now", e, null);
    }
    transaction.send(
        parcel.with(
            message -> message.putStringProperty(Message.HDR_ORIGINAL_QUEUE.toString(), queue)));
  }
}
