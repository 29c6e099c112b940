/**
 * How much each site is given at a time: concurrency that adapts, rates, pauses. Pure state, kept
 * in memory only: a node that starts anew learns it again.
 */
@NullMarked
package dev.caravan.traffic;

import org.jspecify.annotations.NullMarked;
