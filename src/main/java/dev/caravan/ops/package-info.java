/**
 * What operators touch: the command line, the files of a running gateway (lock, {@code run.json},
 * {@code admin.token}), and the check of configuration and routes.
 *
 * <p>Every command exits 0 for yes or done, 1 for no or failed, 2 for wrong usage, and tells
 * failures in one sentence. Commands that talk to a running gateway find it through {@code
 * data/run.json}. No Camel and no JMS here.
 */
@NullMarked
package dev.caravan.ops;

import org.jspecify.annotations.NullMarked;
