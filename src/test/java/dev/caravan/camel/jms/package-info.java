/** Submissions as applications send them. */
@NullMarked
package dev.caravan.camel.jms;

import org.jspecify.annotations.NullMarked;
