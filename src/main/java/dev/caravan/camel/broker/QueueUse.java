package dev.caravan.camel.broker;

/**
 * What a queue is used for at the moment.
 *
 * @param messages waiting or in delivery
 * @param consumers those that take from it, of all nodes
 */
public record QueueUse(long messages, int consumers) {}
