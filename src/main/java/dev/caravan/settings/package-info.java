/**
 * The configuration: every key once, with its default and its check, and where each value came
 * from. All wrong keys are told at once.
 */
@NullMarked
package dev.caravan.settings;

import org.jspecify.annotations.NullMarked;
