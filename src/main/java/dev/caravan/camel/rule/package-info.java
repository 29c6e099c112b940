/**
 * The verbs that rules in XML are written with: {@code reject}, {@code defer}, {@code hold}, {@code
 * quarantine}, {@code discard}, {@code addHeader}, each called as {@code <bean ref="reject"
 * method="with('550 5.7.1 Not from there')"/>}.
 *
 * <p>They live in the adapter because a call with literal arguments leaves Camel's body parameter
 * empty; they take the exchange and leave everything else to the values. The first decision is
 * final: a verb leaves a decided question untouched.
 */
@NullMarked
package dev.caravan.camel.rule;

import org.jspecify.annotations.NullMarked;
