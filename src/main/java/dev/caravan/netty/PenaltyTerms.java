package dev.caravan.netty;

import java.time.Duration;

/**
 * What is put up with from an address that is not trusted.
 *
 * @param connectionRateMax connections in a minute; 0 = any
 * @param offencesMax how often it may be cut off for what it did before it is kept out; 0 = any
 * @param offenceWindow how long that is remembered, since the last time
 * @param block how long it is kept out
 * @param delay how long one that is turned away waits for its reply
 */
public record PenaltyTerms(
    int connectionRateMax,
    int offencesMax,
    Duration offenceWindow,
    Duration block,
    Duration delay) {}
