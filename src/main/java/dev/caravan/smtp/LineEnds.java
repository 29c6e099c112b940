package dev.caravan.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds where a line may end, eight octets at a time. */
final class LineEnds {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long CRS = '\r' * ONES;
  private static final long LFS = '\n' * ONES;

  private LineEnds() {}

  /**
   * The first CR or LF from {@code from} on and before {@code end}; {@code end} if there is none.
   */
  static int next(byte[] octets, int from, int end) {
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long eight = (long) EIGHT.get(octets, at);
      long found = zeros(eight ^ CRS) | zeros(eight ^ LFS);
      if (found != 0) {
        return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    while (at < end && octets[at] != '\r' && octets[at] != '\n') {
      at++;
    }
    return at;
  }

  /** A high bit for the lowest octet that is zero; what stands above it may be wrong. */
  private static long zeros(long eight) {
    return (eight - ONES) & ~eight & HIGHS;
  }
}
