package dev.caravan.traffic;

import java.time.Duration;

/**
 * How many deliveries at once something bears. It starts small; while it is made use of it grows
 * with every answered attempt by 1/n, so by one when all n have been answered, and each attempt in
 * trouble takes one away. Several troubles in a row, with no answer between, mean that it is down:
 * from then on one attempt in each interval asks whether it is back, and when it is, it starts
 * small again.
 *
 * <p>All times are those of {@link System#nanoTime}. Whoever uses it holds a lock.
 */
final class Adaptive {
  /** What it begins with, unless it may have less. */
  private static final int START = 5;

  private static final int DOWN_AFTER = 5;

  private final long probeNanos;
  private double concurrency;
  private int inFlight;
  private int troubles;
  private boolean down;
  private long probeAt;
  private String lastTrouble = "";
  private long lastTroubleAt;

  Adaptive(int most, Duration probe) {
    this.probeNanos = probe.toNanos();
    this.concurrency = Math.min(START, most);
  }

  int allowed() {
    return (int) concurrency;
  }

  int inFlight() {
    return inFlight;
  }

  boolean isFull() {
    return inFlight >= allowed();
  }

  void enter() {
    inFlight++;
  }

  void leave() {
    inFlight--;
  }

  boolean isDown() {
    return down;
  }

  /** Until it may be asked whether it is back; 0 = now, or it is not down. */
  long probeInNanos(long now) {
    return down ? Math.max(0, probeAt - now) : 0;
  }

  /** It may be asked at once. */
  void probe(long now) {
    probeAt = now;
  }

  /** It has answered, whatever it said. */
  void answered(int most) {
    troubles = 0;
    if (down) {
      down = false;
      concurrency = Math.min(START, most);
    } else if (2 * inFlight >= concurrency) {
      // What is not made use of proves nothing.
      concurrency = Math.min(most, concurrency + 1 / concurrency);
    }
  }

  /** It could not be reached, broke off, or said that it is too much for it. */
  void trouble(long now, String reply) {
    said(now, reply);
    troubles++;
    concurrency = Math.max(1, concurrency - 1);
    if (down || troubles >= DOWN_AFTER) {
      down = true;
      probeAt = now + probeNanos;
    }
  }

  /** It has asked for less: half of what it was given. */
  void slow(long now, String reply) {
    said(now, reply);
    concurrency = Math.max(1, concurrency / 2);
  }

  /** It will be left alone for a while, and begins anew then. */
  void restart(long now, String reply, int most) {
    said(now, reply);
    concurrency = Math.min(START, most);
  }

  /** There may be no more than this from now on. */
  void cap(int most) {
    concurrency = Math.min(concurrency, most);
  }

  /** This was trouble, whatever follows from it. */
  void said(long now, String reply) {
    lastTrouble = reply;
    lastTroubleAt = now;
  }

  String lastTrouble() {
    return lastTrouble;
  }

  /** For people; empty when there was none. */
  String lastTrouble(long now) {
    return lastTrouble.isEmpty()
        ? ""
        : "; the last trouble, " + Words.time(now - lastTroubleAt) + " ago: " + lastTrouble;
  }
}
