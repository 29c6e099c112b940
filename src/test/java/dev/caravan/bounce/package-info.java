/** Reports, read back. */
@NullMarked
package dev.caravan.bounce;

import org.jspecify.annotations.NullMarked;
