package dev.caravan.traffic;

/**
 * Why a source may not be used now.
 *
 * @param why for people, without its name
 * @param nanos when it is worth asking again
 */
record Blocked(String why, long nanos) {}
