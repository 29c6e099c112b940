/**
 * Whole flows: the real routes, a real embedded broker, a remote server that says what it is told.
 */
@NullMarked
package dev.caravan.flow;

import org.jspecify.annotations.NullMarked;
