/** Tests of the configuration. */
@NullMarked
package dev.caravan.settings;

import org.jspecify.annotations.NullMarked;
