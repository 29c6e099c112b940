/**
 * The Camel component {@code smtp-server}: a listener is {@code from("smtp-server:NAME?port=…")}.
 *
 * <p>It is a camel-netty consumer with our pipeline. The name tells listeners apart in the ready
 * line, in events and for rules ({@code ${body.origin.listener}}). The route is run once for each
 * question that a client's session asks, with the question as its body.
 */
@NullMarked
package dev.caravan.camel.smtp;

import org.jspecify.annotations.NullMarked;
