/**
 * Where the broker's own listeners are touched, which are made of Netty: the only package that
 * knows both.
 */
@NullMarked
package dev.caravan.camel.broker.wire;

import org.jspecify.annotations.NullMarked;
