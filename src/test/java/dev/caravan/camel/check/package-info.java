/** Tests of the routes check. */
@NullMarked
package dev.caravan.camel.check;

import org.jspecify.annotations.NullMarked;
