/**
 * A mail at rest: {@link dev.caravan.queue.QueuedMail} and its properties, the names of the queues,
 * the site of a recipient, and the retry ladder.
 *
 * <p>One queued mail is one mail for one destination site. Only Java here; the broker itself is
 * reached from the {@code camel} package.
 */
@NullMarked
package dev.caravan.queue;

import org.jspecify.annotations.NullMarked;
