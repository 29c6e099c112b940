package dev.caravan.camel.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A body that is written while it is read: the HTTP server reads, a virtual thread writes. Both
 * give up when the other does not move for a minute.
 */
final class StreamedBody extends InputStream {
  private static final Logger LOG = LoggerFactory.getLogger(StreamedBody.class);

  /** What the server collects before it sends anything. */
  static final int SERVER_BUFFER = 8 * 1024;

  private static final int CHUNKS = 16;
  private static final long PATIENCE_SECONDS = 60;
  private static final byte[] END = {};

  private final BlockingQueue<byte[]> chunks = new ArrayBlockingQueue<>(CHUNKS);
  private final long patienceSeconds;
  private byte[] current = {};
  private int at;
  private boolean ended;
  private volatile boolean closed;

  /** Writes the body. */
  interface Writer {
    void writeTo(OutputStream out) throws Exception;
  }

  private StreamedBody(long patienceSeconds) {
    this.patienceSeconds = patienceSeconds;
  }

  /** Begins to write. */
  static StreamedBody of(Writer writer) {
    return start(writer, PATIENCE_SECONDS);
  }

  /** The same, whose reader waits as long as the writer needs between two writes. */
  static StreamedBody ofLongWork(Writer writer) {
    return start(writer, TimeUnit.DAYS.toSeconds(1));
  }

  private static StreamedBody start(Writer writer, long readerSeconds) {
    StreamedBody body = new StreamedBody(readerSeconds);
    Thread.ofVirtual()
        .name("api-answer")
        .start(
            () -> {
              try (OutputStream out = body.new Sink()) {
                writer.writeTo(out);
              } catch (Exception e) {
                LOG.debug("an answer ended early", e);
              }
            });
    return body;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int from, int length) throws IOException {
    if (at == current.length && !ended) {
      try {
        byte[] next = chunks.poll(patienceSeconds, TimeUnit.SECONDS);
        if (next == null) {
          throw new IOException("nothing was written for too long");
        }
        current = next;
        at = 0;
        ended = next.length == 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (ended) {
      return -1;
    }
    int n = Math.min(length, current.length - at);
    System.arraycopy(current, at, to, from, n);
    at += n;
    return n;
  }

  @Override
  public void close() {
    closed = true;
    chunks.clear();
  }

  private final class Sink extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
      if (length > 0) {
        byte[] copy = new byte[length];
        System.arraycopy(octets, from, copy, 0, length);
        put(copy);
      }
    }

    private void put(byte[] chunk) throws IOException {
      try {
        if (closed || !chunks.offer(chunk, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          throw new IOException("nobody reads the answer");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public void close() throws IOException {
      put(END);
    }
  }
}
