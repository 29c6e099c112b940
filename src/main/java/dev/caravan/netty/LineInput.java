package dev.caravan.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What has come from the client and is not used up yet, cut into command lines on demand. */
final class LineInput {
  /** Octets that are kept of a line that is too long; any such line has more. */
  private static final int START = 64;

  private static final byte HANDSHAKE = 0x16;
  private static final byte TLS_MAJOR = 3;

  private ByteBuf input = Unpooled.EMPTY_BUFFER;
  private boolean skipping;
  private String start = "";

  /** A command line as it came. */
  sealed interface Line {
    /** Proper; octets as ISO 8859-1 characters, without CRLF. */
    record Text(String text) implements Line {}

    /** More octets than allowed; the first few of them. */
    record TooLong(String start) implements Line {}

    /** It ended in a LF without a CR; the text before. */
    record BareLineFeed(String text) implements Line {}

    /** A handshake record of TLS (RFC 8446, 5.1), known by its first octets: it may have no LF. */
    record Handshake() implements Line {}
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
    int from = input.readerIndex();
    if (!skipping && isHandshake(from)) {
      clear();
      return Optional.of(new Line.Handshake());
    }
    int lf = input.indexOf(from, input.writerIndex(), (byte) '\n');
    if (lf < 0) {
      if (skipping || input.readableBytes() > lineMax) {
        start = skipping ? start : text(input.readerIndex(), START);
        input.skipBytes(input.readableBytes());
        skipping = true;
      }
      return Optional.empty();
    }
    int length = lf - from + 1;
    input.skipBytes(length);
    if (skipping || length > lineMax) {
      String begun = skipping ? start : text(from, Math.min(length, START));
      skipping = false;
      return Optional.of(new Line.TooLong(begun));
    }
    if (length < 2 || input.getByte(lf - 1) != '\r') {
      return Optional.of(new Line.BareLineFeed(text(from, length - 1)));
    }
    return Optional.of(new Line.Text(text(from, length - 2)));
  }

  private boolean isHandshake(int from) {
    return input.readableBytes() > 1
        && input.getByte(from) == HANDSHAKE
        && input.getByte(from + 1) == TLS_MAJOR;
  }

  private String text(int from, int length) {
    return input.toString(from, length, StandardCharsets.ISO_8859_1);
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
