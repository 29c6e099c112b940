package dev.caravan.netty;

import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * By when a client must have done what is waited for. One timer for each connection looks now and
 * then; a deadline that moves costs nothing. Used by the event loop only.
 */
final class Deadline {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK_AT_DATA_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final long shortest;
  private long at;
  private @Nullable Future<?> timer;

  Deadline(ServerOptions options) {
    long times = Math.min(options.commandTimeout().toNanos(), options.dataTimeout().toNanos());
    this.shortest = Math.min(times, Math.max(LOOK_MIN_NANOS, options.dataRateGrace().toNanos()));
  }

  /** From now on so long. */
  void in(Duration max) {
    at = System.nanoTime() + max.toNanos();
  }

  boolean isOver(long now) {
    return now - at >= 0;
  }

  /**
   * Looks again, at the deadline at the latest.
   *
   * @param withinData whether a message is coming in, whose rate is looked at more often
   */
  void watch(ChannelHandlerContext ctx, boolean withinData, Runnable look) {
    long next = Math.min(shortest, withinData ? LOOK_AT_DATA_NANOS : LOOK_NANOS);
    next = Math.min(next, at - System.nanoTime());
    timer = ctx.executor().schedule(look, Math.max(next, LOOK_MIN_NANOS), TimeUnit.NANOSECONDS);
  }

  /** Nothing is waited for any more but this. */
  void last(ChannelHandlerContext ctx, Duration after, Runnable action) {
    cancel();
    timer = ctx.executor().schedule(action, after.toMillis(), TimeUnit.MILLISECONDS);
  }

  void cancel() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
