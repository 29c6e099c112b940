package dev.caravan.camel.broker;

/**
 * How full a queue is.
 *
 * @param count messages waiting or in delivery
 */
public record QueueDepth(String queue, long count) {}
