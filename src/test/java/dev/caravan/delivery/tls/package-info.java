/** Tests of TLS policies. */
@NullMarked
package dev.caravan.delivery.tls;

import org.jspecify.annotations.NullMarked;
