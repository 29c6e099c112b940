/**
 * The SMTP server's side of Netty: bytes to the session's events and its steps to bytes, in the
 * pipeline of a camel-netty consumer. Questions run their routes on virtual threads; replies keep
 * their order because nothing is read while a question is open.
 */
@NullMarked
package dev.caravan.netty;

import org.jspecify.annotations.NullMarked;
