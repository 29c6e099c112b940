/**
 * How much each site is given at a time: concurrency that adapts, rates, pauses. What was learned
 * is kept in memory only, a node that starts anew learns it again; what an operator has ordered
 * outlives a restart, in a file.
 */
@NullMarked
package dev.caravan.traffic;

import org.jspecify.annotations.NullMarked;
