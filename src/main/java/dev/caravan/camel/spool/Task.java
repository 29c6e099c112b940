package dev.caravan.camel.spool;

import dev.caravan.queue.Order;
import dev.caravan.queue.QueuedMail;

/**
 * One mail that an operator's order is about; the body of {@code direct:operate}.
 *
 * @param queue it was taken from
 */
public record Task(Order order, QueuedMail mail, String queue) {}
