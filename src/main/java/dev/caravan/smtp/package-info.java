/**
 * SMTP (RFC 5321) as pure code, shared by the server and the client: commands, the server's
 * session, all its replies, reading and writing the data after DATA, and reading replies.
 *
 * <p>Nothing here knows a socket or a clock. What the session needs to know it is told; what it
 * wants it says as a {@link dev.caravan.smtp.Step}.
 */
@NullMarked
package dev.caravan.smtp;

import org.jspecify.annotations.NullMarked;
