/** Tests of templates. */
@NullMarked
package dev.caravan.camel.template;

import org.jspecify.annotations.NullMarked;
