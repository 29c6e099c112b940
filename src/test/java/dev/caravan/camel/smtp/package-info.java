/** Tests of the listeners' surroundings. */
@NullMarked
package dev.caravan.camel.smtp;

import org.jspecify.annotations.NullMarked;
