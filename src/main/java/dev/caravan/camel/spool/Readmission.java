package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Choice;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.Selector;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/**
 * Moves what is due on a rung to {@code mail.out} or the lane of its site, many at a time. The
 * broker does it by itself, in transactions: nothing is read into this process and written anew, as
 * it is for a mail that passes the route. What needs more than a move is left to the route: mail
 * with a priority of its own, mail that may not be sent yet, large mail, and what is no mail. Used
 * by one worker, who has the head of the queue no longer in its hands.
 */
final class Readmission {
  /** Queues in one look at the head; mail for others comes with the next. */
  private static final int TARGETS_MAX = 50;

  /** So many times as many as are moved are looked at, past those that there is no room for. */
  private static final int LOOKS = 4;

  /** A look ends after so many in a row that there is no room for, and a quarter of those found. */
  private static final int VAIN_MAX = 100;

  private final SpoolComponent component;
  private final String rung;
  private final int max;
  private final Room room;

  /**
   * @param max mails that are moved in one transaction
   */
  Readmission(SpoolComponent component, String rung, int max, Room room) {
    this.component = component;
    this.rung = rung;
    this.max = max;
    this.room = room;
  }

  /**
   * Moves as many as there is room for; where there is none, it waits a second at most and moves
   * one batch.
   *
   * @return how many; 0 when the head is not due, or is for the route
   */
  int move(Predicate<Message> isDue, ClientSession session, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    Look look = look(isDue, session);
    if (look.counts.isEmpty() && !look.full.isEmpty()) {
      room.awaitAny(look.full.keySet(), session, stop);
      Map.Entry<String, Integer> first = look.full.entrySet().iterator().next();
      look.counts.put(first.getKey(), Math.min(first.getValue(), room.batch()));
    }
    int moved = 0;
    for (Map.Entry<String, Integer> count : look.counts.entrySet()) {
      if (stop.getCount() == 0) {
        break;
      }
      String target = count.getKey();
      // No more than were seen at the head: for others the broker would read the whole queue.
      Choice choice = new Due(isDue, look.targets, target);
      moved += component.broker().move(rung, target, choice, count.getValue());
    }
    return moved;
  }

  /** What was seen at the head. */
  private static final class Look {
    final Map<String, String> targets = new HashMap<>();
    final Map<String, Integer> free = new HashMap<>();

    /** So many mails may go to these queues. */
    final Map<String, Integer> counts = new LinkedHashMap<>();

    /** So many more are for these, where there is no room. */
    final Map<String, Integer> full = new LinkedHashMap<>();

    int looks;
    int found;

    /** In a row, for which there was no room. */
    int vain;

    boolean isWorthIt(int max) {
      return looks < LOOKS * max
          && found < max
          && vain < VAIN_MAX + found / 4
          && free.size() < TARGETS_MAX;
    }
  }

  private Look look(Predicate<Message> isDue, ClientSession session) throws ActiveMQException {
    Look look = new Look();
    try {
      component
          .broker()
          .browse(
              rung,
              Choice.ALL,
              (message, inHand) -> {
                if (inHand) {
                  return true;
                }
                if (!isDue.test(message)) {
                  return false;
                }
                if (isPlain(message)) {
                  find(message, look, session);
                }
                look.looks++;
                return look.isWorthIt(max);
              });
      return look;
    } catch (ActiveMQException e) {
      throw e;
    } catch (Exception e) {
      throw new ActiveMQException(rung + " can't be looked at", e, null);
    }
  }

  private void find(Message message, Look look, ClientSession session) throws ActiveMQException {
    String site = message.getStringProperty(MailCodec.SITE);
    String target = look.targets.computeIfAbsent(site, component.lanes()::queueFor);
    Integer free = look.free.get(target);
    if (free == null) {
      free = room.free(target, session);
    }
    if (free > 0) {
      look.found++;
      look.vain = 0;
      look.counts.merge(target, 1, Integer::sum);
    } else {
      look.vain++;
      look.full.merge(target, 1, Integer::sum);
    }
    look.free.put(target, Math.max(0, free - 1));
  }

  /** Whether a move is all that it needs. */
  private static boolean isPlain(Message message) {
    return message.containsProperty(MailCodec.ID)
        && message.getStringProperty(MailCodec.SITE) != null
        && !message.containsProperty("priority")
        && !message.isLargeMessage()
        && !isHeld(message);
  }

  private static boolean isHeld(Message message) {
    Object until = message.getObjectProperty("holdUntil");
    return until != null && !(until instanceof Long at && at <= System.currentTimeMillis());
  }

  /** Mail that is due and goes there. */
  private record Due(Predicate<Message> isDue, Map<String, String> targets, String target)
      implements Choice {
    @Override
    public Selector selector() {
      return new Selector("", false);
    }

    @Override
    public boolean test(Message message) {
      return isPlain(message)
          && target.equals(targets.get(message.getStringProperty(MailCodec.SITE)))
          && isDue.test(message);
    }
  }
}
