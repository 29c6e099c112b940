/**
 * The checks that rules are made of, each a bean with one method that takes a question and gives it
 * back, decided or not. A check never knows another check; their order stands in {@code
 * routes/policy.xml}.
 *
 * <p>A check of a mail adds a {@link dev.caravan.mail.Finding}; what the operator wants done about
 * a failure is a {@link dev.caravan.policy.PolicyAction}; {@link
 * dev.caravan.policy.AuthenticationResults} writes the findings into the message (RFC 8601).
 */
@NullMarked
package dev.caravan.policy;

import org.jspecify.annotations.NullMarked;
