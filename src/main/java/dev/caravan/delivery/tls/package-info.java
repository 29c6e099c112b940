/**
 * How a connection to the next hop must be encrypted, and whom its certificate must belong to: the
 * operator's rules, DANE (RFC 6698, 7671, 7672) and MTA-STS (RFC 8461).
 *
 * <p>Whatever is published makes a connection stricter, never looser than the operator wants it. A
 * policy that can't be met is a temporary failure with its reason; nothing is sent in clear text
 * then. It opens no SMTP connections and decides no outcome.
 */
@NullMarked
package dev.caravan.delivery.tls;

import org.jspecify.annotations.NullMarked;
