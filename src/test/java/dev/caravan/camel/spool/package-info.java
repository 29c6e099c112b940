/** Tests of the mail's way into and out of the broker. */
@NullMarked
package dev.caravan.camel.spool;

import org.jspecify.annotations.NullMarked;
