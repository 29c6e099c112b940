package dev.caravan.traffic;

import java.util.concurrent.TimeUnit;

/**
 * What has kept a mail waiting last. Times are those of {@link System#nanoTime}.
 *
 * @param why for people; empty = nothing has
 * @param until it is worth trying again
 * @param seen when it has kept a mail waiting
 * @param ofSource whether it was one of our sources', which other mail need not meet
 */
record LastLimit(String why, long until, long seen, boolean ofSource) {
  static final LastLimit NONE = new LastLimit("", 0, 0, false);

  /** A limit of a source that nothing has met for so long keeps nobody waiting. */
  private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(5);

  boolean isOn(long now) {
    boolean stale = ofSource && now - seen > STALE_NANOS;
    return !why.isEmpty() && !stale && until - now > 0;
  }
}
