/**
 * Where to, and how it ended: the next hop of a mail (sandbox, smarthost, MX), the SMTP client and
 * its pool, and an {@link dev.caravan.mail.Outcome} for each recipient.
 *
 * <p>RFC 5321 sections 4.5.3.2, 4.5.4 and 5; RFC 7505 (null MX). The message leaves octet for octet
 * as it was queued. What is unknown is temporary; a connection lost after the final dot is told as
 * a possible duplicate. It knows nothing of queues' names, bounces or policy.
 */
@NullMarked
package dev.caravan.delivery;

import org.jspecify.annotations.NullMarked;
