/** Logging in, by the examples of the RFCs and by clients of our own. */
@NullMarked
package dev.caravan.auth;

import org.jspecify.annotations.NullMarked;
