package dev.caravan.traffic;

/**
 * Nothing is sent to a site.
 *
 * @param until of {@link System#nanoTime}
 * @param why for people
 * @param told for senders
 */
record Pause(boolean is, boolean forEver, long until, String why, String told) {
  static final Pause NONE = new Pause(false, false, 0, "", "");

  /** What is left of one that only an operator ends. */
  static final long FOR_EVER = Long.MAX_VALUE;

  long leftNanos(long now) {
    return !is ? 0 : forEver ? FOR_EVER : Math.max(0, until - now);
  }
}
