/** The parts of the protocol, each on its own. */
@NullMarked
package dev.caravan.smtp;

import org.jspecify.annotations.NullMarked;
