/** Tests of the command line. */
@NullMarked
package dev.caravan.ops;

import org.jspecify.annotations.NullMarked;
