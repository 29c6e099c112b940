package dev.caravan.netty;

import dev.caravan.mail.Content;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.DataReader;
import dev.caravan.smtp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message on its way in: kept in memory up to a threshold, then in a spool file. Used by the
 * event loop, except that {@link #spool} and {@link #discard} block and run elsewhere while the
 * event loop leaves it alone.
 */
final class DataIntake {
  private static final Logger LOG = LoggerFactory.getLogger(DataIntake.class);

  /** What a message may keep in memory when little is left for all of them. */
  private static final int SMALL = 16 * 1024;

  /** How much of a message that has a file is collected for one write. */
  private static final int CHUNK = 64 * 1024;

  /** Counted for a message from its beginning, so that many small beginnings have a bound too. */
  private static final int RESERVED = 32 * 1024;

  /** One for each event loop: octets on their way from a buffer outside of the heap. */
  private static final FastThreadLocal<byte[]> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[8 * 1024];
        }
      };

  private final ServerOptions options;
  private final MemoryBudget memory;
  private final DataReader.Framing framing;
  private final DataReader reader;
  private final long begun;
  private long since;
  private @Nullable SpoolFile file;
  private boolean complete;
  private boolean failed;
  private long counted;

  /**
   * @param expected octets that it may well have; 0 = unknown
   * @param now nanoseconds of {@link System#nanoTime}
   */
  DataIntake(
      ServerOptions options,
      MemoryBudget memory,
      DataReader.Framing framing,
      long expected,
      long now) {
    this.options = options;
    this.memory = memory;
    this.framing = framing;
    this.begun = now;
    this.since = now;
    boolean inMemory = expected <= options.spoolThreshold() && !memory.isTight();
    this.reader = new DataReader(options.limits(), framing, inMemory ? (int) expected : 0);
    count(RESERVED);
  }

  /** Another chunk begins: the client's pause between chunks was not slowness. */
  void resume(long now) {
    since = now - TimeUnit.SECONDS.toNanos(reader.size() / Math.max(1, options.dataRateMin()));
  }

  /**
   * Takes octets until the message has ended or {@link #needsFile}.
   *
   * @param max how many at most
   * @return how many it has taken
   */
  long feed(ByteBuf input, long max) {
    byte[] scratch = SCRATCH.get();
    long left = max;
    while (left > 0 && input.isReadable() && !reader.hasEnded() && !needsFile()) {
      int count = (int) Math.min(Math.min(input.readableBytes(), scratch.length), left);
      input.getBytes(input.readerIndex(), scratch, 0, count);
      int read = reader.feed(scratch, 0, count);
      input.skipBytes(read);
      left -= read;
    }
    if (failed) {
      reader.drop();
    }
    count(Math.max(RESERVED, reader.capacity()));
    return max - left;
  }

  /** The last chunk has come. */
  void end() {
    reader.end();
    if (failed) {
      reader.drop();
    }
  }

  private void count(long octets) {
    memory.change(octets - counted);
    counted = octets;
  }

  /** Whether {@link #spool} must be called before anything else. */
  boolean needsFile() {
    if (failed || reader.isRefused()) {
      return false;
    }
    int threshold = file == null ? options.spoolThreshold() : CHUNK;
    int max = memory.isTight() ? Math.min(SMALL, threshold) : threshold;
    return reader.pending() > max || file != null && reader.hasEnded() && !complete;
  }

  /** Writes what is in memory to the file; a failure refuses the message. Blocks. */
  void spool() {
    try {
      SpoolFile f = file;
      if (f == null) {
        f = new SpoolFile(options.spoolDir());
        file = f;
      }
      reader.writeTo(f);
      if (reader.hasEnded()) {
        f.close();
        complete = true;
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("a message can't be spooled in {}: {}", options.spoolDir(), e.toString());
      failed = true;
      reader.drop();
      discardFile();
    }
    count(Math.max(RESERVED, reader.capacity()));
  }

  /** Whether the file should go although more of the message is still to come. */
  boolean keepsUseless() {
    return file != null && reader.isRefused();
  }

  boolean isChunked() {
    return framing != DataReader.Framing.DOTS;
  }

  boolean hasEnded() {
    return reader.hasEnded();
  }

  boolean hasFile() {
    return file != null;
  }

  /** Why the message can't be taken, if so. */
  Optional<SmtpReply> refusal() {
    if (reader.isTooBig()) {
      return Optional.of(Replies.TOO_BIG);
    }
    if (reader.hasLongHeader()) {
      return Optional.of(Replies.HEADER_TOO_BIG);
    }
    if (reader.hasBareLineEnd()) {
      return Optional.of(Replies.BARE_LINE_END);
    }
    if (reader.hasLongLine()) {
      return Optional.of(Replies.TEXT_LINE_TOO_LONG);
    }
    return failed ? Optional.of(Replies.NO_STORAGE) : Optional.empty();
  }

  /**
   * The whole message, once it has ended. Whoever gets it calls {@link #discard} when it has
   * served.
   */
  Content content() {
    SpoolFile f = file;
    Content content = f == null ? reader.take() : Content.of(f.file(), f.size());
    count(f == null ? content.size() : 0);
    return content;
  }

  /** Whether it comes so slowly, or takes so long, that the client only holds the connection. */
  boolean isTooSlow(long now) {
    double seconds = (now - since - options.dataRateGrace().toNanos()) / 1e9;
    return seconds > 0 && reader.size() < seconds * options.dataRateMin()
        || now - begun > options.messageTimeout().toNanos();
  }

  /** Gives back the memory and deletes the file. Blocks when it {@link #hasFile}. */
  void discard() {
    reader.drop();
    count(0);
    discardFile();
  }

  private void discardFile() {
    SpoolFile f = file;
    file = null;
    if (f != null) {
      f.discard();
    }
  }
}
