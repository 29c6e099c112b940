package dev.caravan.camel.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a request, read as it comes in, which the client waits for: of a large one there is
 * never more in memory than a few pieces. It has a size and a time.
 */
public final class RequestBody extends InputStream {
  private static final Piece END = new Piece(new byte[0], true);
  private static final Piece BROKEN = new Piece(new byte[0], true);

  private final HttpServerRequest request;
  private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(8);
  private final long max;
  private final long deadline;
  private byte[] current = {};
  private int at;
  private long taken;
  private boolean ended;

  private record Piece(byte[] octets, boolean last) {}

  /** A body that is too large. */
  public static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** A body that did not come in time. */
  public static final class TooSlowException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private RequestBody(HttpServerRequest request, long max, Duration within) {
    this.request = request;
    this.max = max;
    this.deadline = System.nanoTime() + within.toNanos();
  }

  /**
   * Begins to read.
   *
   * @param request whose body is not read yet
   * @param max octets
   * @param within time for all of it
   */
  public static RequestBody of(HttpServerRequest request, long max, Duration within) {
    RequestBody body = new RequestBody(request, max, within);
    request.handler(body::came);
    request.endHandler(end -> body.put(END));
    request.exceptionHandler(e -> body.put(BROKEN));
    if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      request.response().writeContinue();
    }
    request.fetch(1);
    return body;
  }

  /** One piece is asked for after the other, so there is room. */
  private void came(Buffer buffer) {
    put(new Piece(buffer.getBytes(), false));
  }

  private void put(Piece piece) {
    if (!pieces.offer(piece)) {
      throw new IllegalStateException("a piece came that was not asked for");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int from, int length) throws IOException {
    while (at == current.length) {
      if (ended) {
        return -1;
      }
      next();
    }
    int count = Math.min(length, current.length - at);
    System.arraycopy(current, at, to, from, count);
    at += count;
    return count;
  }

  private void next() throws IOException {
    Piece piece;
    try {
      piece = pieces.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (piece == null) {
      throw new TooSlowException();
    }
    if (piece == BROKEN) {
      throw new IOException("the client has gone");
    }
    ended = piece.last();
    current = piece.octets();
    at = 0;
    taken += current.length;
    if (taken > max) {
      throw new TooLargeException();
    }
    if (!ended) {
      request.fetch(1);
    }
  }

  /**
   * What was not read of a small body is read past, so that the connection can serve on; that of a
   * larger one ends with the answer.
   */
  public static void leave(HttpServerRequest request, boolean large) {
    if (large && request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader("Connection", "close");
    }
    if (!request.isEnded()) {
      request.handler(rest -> {});
      request.resume();
    }
  }
}
