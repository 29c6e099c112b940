/**
 * Telling the sender: RFC 3464 reports in RFC 6522 form, from {@code <>}, as new mail. A mail from
 * {@code <>} never bounces.
 */
@NullMarked
package dev.caravan.bounce;

import org.jspecify.annotations.NullMarked;
