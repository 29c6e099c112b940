/**
 * The checks of a mail on its way in, each one step of a route: {@code Mail check(Mail)}.
 *
 * <p>A check adds a {@link dev.caravan.mail.Finding}, may decide, and leaves alone what somebody
 * has decided before it; it never knows another check. What the operator wants done about a failure
 * is a {@link dev.caravan.policy.PolicyAction}. {@link dev.caravan.policy.AuthenticationResults}
 * writes the findings into the message (RFC 8601). It does not look into bodies.
 */
@NullMarked
package dev.caravan.policy;

import org.jspecify.annotations.NullMarked;
