/**
 * Where the program begins: {@link dev.caravan.Caravan} joins the commands of {@code ops} with the
 * gateway of {@code camel}. Nothing uses this package.
 */
@NullMarked
package dev.caravan;

import org.jspecify.annotations.NullMarked;
