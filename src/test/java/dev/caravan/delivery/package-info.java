/** The delivery side against servers that say what a script tells them. */
@NullMarked
package dev.caravan.delivery;

import org.jspecify.annotations.NullMarked;
