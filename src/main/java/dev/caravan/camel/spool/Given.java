package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Choice;
import dev.caravan.queue.Selector;
import java.time.Instant;
import org.apache.activemq.artemis.api.core.Message;

/**
 * The mails that an order is about: those that were there when it was given. What an order has put
 * back, a held mail with another way for instance, would else be taken again, and again.
 *
 * @param at when the order was given
 */
record Given(Choice choice, Instant at) implements Choice {
  @Override
  public Selector selector() {
    Selector selector = choice.selector();
    String before = "AMQTimestamp <= " + at.toEpochMilli();
    return new Selector(
        selector.text().isEmpty() ? before : "(" + selector.text() + ") AND " + before,
        selector.exact());
  }

  /** A message from the future was written by another node, whose clock is wrong. */
  @Override
  public boolean test(Message message) {
    long written = message.getTimestamp();
    boolean since = written > at.toEpochMilli() && written <= System.currentTimeMillis();
    return !since && choice.test(message);
  }
}
