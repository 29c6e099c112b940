/**
 * What can be known to be wrong with routes before they start, each problem with its file and line:
 * XML, elements and attributes, endpoint options, Simple expressions, beans and their methods,
 * keys, ids, and routes that others call.
 *
 * <p>Nothing here starts Camel, opens a connection or makes a bean; classes are looked at, not
 * initialised.
 */
@NullMarked
package dev.caravan.camel.check;

import org.jspecify.annotations.NullMarked;
