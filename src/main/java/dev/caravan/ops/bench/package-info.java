/** {@code caravan bench}: a load generator, a sink, and a gateway of its own between them. */
@NullMarked
package dev.caravan.ops.bench;

import org.jspecify.annotations.NullMarked;
