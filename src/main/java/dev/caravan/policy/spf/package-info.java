/**
 * Sender Policy Framework (RFC 7208, RFC 8616): may this address send mail in that name?
 *
 * <p>{@link dev.caravan.policy.spf.SpfEvaluator} is the whole of {@code check_host()}: a pure
 * function of address, names and the DNS, which always ends: 10 terms that ask the DNS, 2 that find
 * nothing, 10 hosts of an {@code mx}, 10 names of a {@code ptr}, 20 seconds. {@link
 * dev.caravan.policy.spf.SpfCheck} asks it about a mail and acts on the answer. There is no type
 * SPF record and no "best guess" for domains that publish nothing.
 */
@NullMarked
package dev.caravan.policy.spf;

import org.jspecify.annotations.NullMarked;
