/** The SMTP server's pipeline, driven octet by octet. */
@NullMarked
package dev.caravan.netty;

import org.jspecify.annotations.NullMarked;
