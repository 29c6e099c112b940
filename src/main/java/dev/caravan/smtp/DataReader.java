package dev.caravan.smtp;

import dev.caravan.mail.Content;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Reads the data after DATA (RFC 5321, 4.5.2): takes away the dots put before dots, and finds the
 * end, which is {@code <CRLF>.<CRLF>} and nothing else. A bare CR or LF spoils the message but
 * never ends it, so that no second mail can be smuggled in. Fed in pieces of any size.
 *
 * <p>After BDAT (RFC 3030) dots mean nothing, and {@link #end} tells the end.
 */
public final class DataReader {
  private static final int FIRST = 8 * 1024;
  private static final int KEPT_AFTER_WRITE = 128 * 1024;
  private static final byte[] NOTHING = {};

  private enum State {
    LINE_START,
    LINE,
    CR,
    DOT,
    DOT_CR
  }

  /** How the octets come. */
  public enum Framing {
    /** After DATA: dot-stuffed, up to a final dot. */
    DOTS,
    /** After BDAT: as they are. */
    CHUNKS,
    /** After BDAT with BODY=BINARYMIME: lines may be of any length and end anyhow. */
    BINARY_CHUNKS
  }

  private final SmtpLimits limits;
  private final Framing framing;
  private final HeaderMeter header = new HeaderMeter();
  private State state = State.LINE_START;
  private final int expected;
  private byte[] kept = NOTHING;
  private int length;
  private long size;
  private int line;
  private boolean bareLineEnd;
  private boolean lineTooLong;
  private boolean ended;

  /**
   * What is over a limit is read to its end and dropped.
   *
   * @param expected octets that it may well have: the memory for so many is taken in one piece, but
   *     not before the first have come; 0 = unknown
   */
  public DataReader(SmtpLimits limits, Framing framing, int expected) {
    this.limits = limits;
    this.framing = framing;
    this.expected = expected;
  }

  /** As after DATA. */
  public DataReader(SmtpLimits limits) {
    this(limits, Framing.DOTS, 0);
  }

  /**
   * Reads these octets up to the end of the message.
   *
   * @return how many were read: fewer than {@code count} only when the message has ended
   */
  public int feed(byte[] octets, int from, int count) {
    if (framing == Framing.BINARY_CHUNKS) {
      keep(octets, from, count);
      return count;
    }
    int end = from + count;
    int at = from;
    while (at < end && !ended) {
      at = wholeLines(octets, at, end);
      if (state == State.LINE) {
        int stop = LineEnds.next(octets, at, end);
        keep(octets, at, stop - at);
        at = stop;
      }
      if (at < end) {
        step(octets[at++]);
      }
    }
    return at - from;
  }

  /**
   * Keeps in one piece what is the end of a line and whole lines after it, which nothing need be
   * taken from; at the beginning of a line, or in it.
   *
   * @return where that ends
   */
  private int wholeLines(byte[] octets, int from, int end) {
    int at = from;
    while (state == State.LINE || state == State.LINE_START && at < end && !isDot(octets[at])) {
      int stop = LineEnds.next(octets, at, end) + 2;
      if (stop > end || octets[stop - 2] != '\r' || octets[stop - 1] != '\n') {
        break;
      }
      line = stop - at + (state == State.LINE ? line : 0);
      lineTooLong |= line > limits.textLine();
      state = State.LINE_START;
      at = stop;
    }
    if (at > from) {
      keepLines(octets, from, at - from);
    }
    return at;
  }

  private boolean isDot(byte b) {
    return b == '.' && framing == Framing.DOTS;
  }

  private void step(byte b) {
    switch (state) {
      case LINE_START -> {
        line = 0;
        if (isDot(b)) {
          state = State.DOT;
        } else {
          lineByte(b);
        }
      }
      case LINE -> lineByte(b);
      case CR -> {
        if (b == '\n') {
          endLine();
        } else {
          bareLineEnd = true;
          keep((byte) '\r');
          lineByte(b);
        }
      }
      case DOT -> {
        if (b == '\r') {
          state = State.DOT_CR;
        } else {
          lineByte(b);
        }
      }
      case DOT_CR -> {
        if (b == '\n') {
          ended = true;
        } else {
          bareLineEnd = true;
          keep((byte) '\r');
          lineByte(b);
        }
      }
    }
  }

  private void lineByte(byte b) {
    if (b == '\r') {
      state = State.CR;
      return;
    }
    if (b == '\n') {
      bareLineEnd = true;
    }
    keep(b);
    state = State.LINE;
  }

  private void endLine() {
    keep((byte) '\r');
    keep((byte) '\n');
    state = State.LINE_START;
  }

  private void keep(byte b) {
    size++;
    line++;
    lineTooLong |= line > limits.textLine();
    header.feed(b);
    if (isRefused()) {
      drop();
      return;
    }
    reserve(1);
    kept[length++] = b;
  }

  private void keep(byte[] octets, int from, int count) {
    if (count == 0) {
      return;
    }
    line += count;
    lineTooLong |= line > limits.textLine() && framing != Framing.BINARY_CHUNKS;
    keepLines(octets, from, count);
  }

  private void keepLines(byte[] octets, int from, int count) {
    size += count;
    header.feed(octets, from, count);
    if (isRefused()) {
      drop();
      return;
    }
    reserve(count);
    System.arraycopy(octets, from, kept, length, count);
    length += count;
  }

  private void reserve(int count) {
    if (length + count > kept.length) {
      int next = kept.length == 0 ? FIRST : Math.max(2 * kept.length, expected);
      kept = Arrays.copyOf(kept, Math.max(next, length + count));
    }
  }

  /** The last chunk has come. */
  public void end() {
    if (state == State.CR) {
      bareLineEnd = true;
      keep((byte) '\r');
    }
    ended = true;
  }

  /** Whether the end has come. */
  public boolean hasEnded() {
    return ended;
  }

  /** Octets of the message so far, whether or not they were kept. */
  public long size() {
    return size;
  }

  /** Octets that {@link #take} would give. */
  public int pending() {
    return length;
  }

  /** Octets of memory that are kept for {@link #take}. */
  public int capacity() {
    return kept.length;
  }

  /**
   * What has been read since it was last taken or written; nothing of a refused message. It holds
   * at most a third more memory than its size.
   */
  public Content take() {
    byte[] taken = length >= kept.length / 4 * 3 ? kept : Arrays.copyOf(kept, length);
    Content content = Content.of(taken, 0, length);
    drop();
    return content;
  }

  /** Writes what {@link #take} would give, and forgets it. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(kept, 0, length);
    if (kept.length > KEPT_AFTER_WRITE) {
      kept = NOTHING;
    }
    length = 0;
  }

  /** Forgets what {@link #take} would give. */
  public void drop() {
    kept = NOTHING;
    length = 0;
  }

  public boolean isTooBig() {
    return size > limits.messageSize();
  }

  public boolean hasLongHeader() {
    return header.octets() > limits.header();
  }

  public boolean hasBareLineEnd() {
    return bareLineEnd;
  }

  public boolean hasLongLine() {
    return lineTooLong;
  }

  /** Whether nothing of it need be kept any more. */
  public boolean isRefused() {
    return bareLineEnd || lineTooLong || isTooBig() || hasLongHeader();
  }
}
