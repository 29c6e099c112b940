/**
 * The broker that holds all waiting mail: Apache Artemis, embedded by default, or an external one
 * by URL. Declares every queue before the first send, keeps the credentials, and says when it is
 * full.
 *
 * <p>A send to an address that has no queue would be acknowledged and lost: {@link
 * dev.caravan.camel.broker.QueueGuard} turns it into a failure.
 */
@NullMarked
package dev.caravan.camel.broker;

import org.jspecify.annotations.NullMarked;
