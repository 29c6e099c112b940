@NullMarked
package dev.caravan.ops.bench;

import org.jspecify.annotations.NullMarked;
