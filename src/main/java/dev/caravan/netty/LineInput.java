package dev.caravan.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What has come from the client and is not used up yet, cut into command lines on demand. */
final class LineInput {
  private ByteBuf input = Unpooled.EMPTY_BUFFER;
  private boolean skipping;

  /** A command line as it came. */
  sealed interface Line {
    /** Proper; octets as ISO 8859-1 characters, without CRLF. */
    record Text(String text) implements Line {}

    /** More octets than allowed. */
    record TooLong() implements Line {}

    /** It ended in a LF without a CR. */
    record BareLineFeed() implements Line {}
  }

  /** Takes the buffer over. */
  void append(ByteBufAllocator alloc, ByteBuf more) {
    if (!input.isReadable()) {
      input.release();
      input = more;
      return;
    }
    ByteBuf joined = alloc.buffer(input.readableBytes() + more.readableBytes());
    joined.writeBytes(input).writeBytes(more);
    input.release();
    more.release();
    input = joined;
  }

  boolean isReadable() {
    return input.isReadable();
  }

  /** The octets themselves, for a message's data. */
  ByteBuf octets() {
    return input;
  }

  /**
   * The next line, when it is complete.
   *
   * @param lineMax octets of a line with its CRLF
   */
  Optional<Line> next(int lineMax) {
    int start = input.readerIndex();
    int lf = input.indexOf(start, input.writerIndex(), (byte) '\n');
    if (lf < 0) {
      if (skipping || input.readableBytes() > lineMax) {
        input.skipBytes(input.readableBytes());
        skipping = true;
      }
      return Optional.empty();
    }
    int length = lf - start + 1;
    input.skipBytes(length);
    boolean tooLong = skipping || length > lineMax;
    skipping = false;
    if (tooLong) {
      return Optional.of(new Line.TooLong());
    }
    if (length < 2 || input.getByte(lf - 1) != '\r') {
      return Optional.of(new Line.BareLineFeed());
    }
    return Optional.of(
        new Line.Text(input.toString(start, length - 2, StandardCharsets.ISO_8859_1)));
  }

  /**
   * Forgets octets.
   *
   * @return how many; no more than have come
   */
  long skip(long max) {
    int count = (int) Math.min(max, input.readableBytes());
    input.skipBytes(count);
    return count;
  }

  void clear() {
    input.skipBytes(input.readableBytes());
  }

  void release() {
    input.release();
    input = Unpooled.EMPTY_BUFFER;
  }
}
