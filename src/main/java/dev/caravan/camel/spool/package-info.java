/**
 * The Camel component {@code spool}: the mail's own way into and out of the broker.
 *
 * <p>{@code to("spool:out")} returns when the broker has committed; many callers share few sessions
 * and their journal syncs. {@code from("spool:out")} takes one mail in a transaction: whatever the
 * route sends to a {@code spool} endpoint belongs to the same transaction, which commits when the
 * route ends and rolls back when it throws. The name after the colon is the queue's without {@code
 * mail.}; the message format is the one of the contract, so that camel-jms and any broker tool see
 * the same mails.
 */
@NullMarked
package dev.caravan.camel.spool;

import org.jspecify.annotations.NullMarked;
