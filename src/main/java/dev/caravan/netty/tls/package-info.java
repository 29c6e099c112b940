/**
 * TLS of the server: certificates from PEM files, re-read when they change, chosen by the name that
 * the client asks for (SNI, RFC 6066), and profiles of protocols and ciphers.
 */
@NullMarked
package dev.caravan.netty.tls;

import org.jspecify.annotations.NullMarked;
