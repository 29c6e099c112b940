package dev.caravan.traffic;

import java.util.OptionalLong;

/**
 * How one of our sources is doing at a site on this node.
 *
 * @param source its address, or its name when it has none, or {@code any}
 * @param name our name there; empty = the gateway's
 * @param state {@code open}, {@code full} (all its connections are in use), {@code waiting} (its
 *     warm-up allows no more now), {@code left-out} (by a response rule) or {@code down}
 * @param inFlight deliveries now
 * @param concurrency deliveries that it may have now
 * @param today mails of its warm-up today; 0 without one
 * @param todayMax mails that its warm-up allows today; empty = as many as one likes
 * @param why one line for people
 * @param againNanos until it may be used again; 0 = now
 */
public record SourceReport(
    String source,
    String name,
    String state,
    int inFlight,
    int concurrency,
    long today,
    OptionalLong todayMax,
    String why,
    long againNanos) {}
