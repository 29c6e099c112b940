/**
 * DKIM signing (RFC 6376, RFC 8463): keys by domain, relaxed canonicalisation, and the fields that
 * a submitted message must have. It reads a message once, streaming, and never copies its body.
 */
@NullMarked
package dev.caravan.sign;

import org.jspecify.annotations.NullMarked;
