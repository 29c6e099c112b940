@NullMarked
package dev.caravan.traffic;

import org.jspecify.annotations.NullMarked;
