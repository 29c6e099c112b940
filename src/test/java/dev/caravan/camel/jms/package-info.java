/** Tests of what applications may submit. */
@NullMarked
package dev.caravan.camel.jms;

import org.jspecify.annotations.NullMarked;
