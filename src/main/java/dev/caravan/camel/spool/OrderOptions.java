package dev.caravan.camel.spool;

import java.time.Duration;

/**
 * How an operator's commands work.
 *
 * @param chunk mails that are moved to the bench before the first of them are worked off
 * @param batch mails that share a transaction while they are worked off
 * @param patience for workers of a rung to give back what waits in their hands; half of it for
 *     those of a lane
 */
public record OrderOptions(int chunk, int batch, Duration patience) {}
