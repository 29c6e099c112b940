/**
 * Facts: one {@link dev.caravan.event.MailEvent} for everything that became of a mail, its JSON
 * line and its sinks. Events never change a decision.
 */
@NullMarked
package dev.caravan.event;

import org.jspecify.annotations.NullMarked;
