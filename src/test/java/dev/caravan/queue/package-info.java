/** Mails as messages, and when they are due. */
@NullMarked
package dev.caravan.queue;

import org.jspecify.annotations.NullMarked;
