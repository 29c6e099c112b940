/** Facts as lines. */
@NullMarked
package dev.caravan.event;

import org.jspecify.annotations.NullMarked;
