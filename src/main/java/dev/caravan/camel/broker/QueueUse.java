package dev.caravan.camel.broker;

/**
 * What a queue is used for at the moment.
 *
 * @param messages waiting or in delivery
 * @param consumers those that take from it, of all nodes
 * @param taken messages that have left it, since the broker's start; negative where it can't be
 *     known
 */
public record QueueUse(long messages, int consumers, long taken) {}
