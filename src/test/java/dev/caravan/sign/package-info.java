@NullMarked
package dev.caravan.sign;

import org.jspecify.annotations.NullMarked;
