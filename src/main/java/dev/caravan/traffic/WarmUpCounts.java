package dev.caravan.traffic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many mails each source that is warmed up has sent to each site today. A day's amount outlives
 * a restart: before mails are sent a twentieth of the amount is put down in a file as sent, so that
 * it is written twenty times a day at most for each pair, and a restart costs a twentieth and never
 * gives a second amount.
 *
 * <p>The file has a line for each of these steps, {@code 2030-01-31 45 192.0.2.1 google}; the last
 * one of a source and site counts. It is written anew as a whole at the start, and when it has
 * grown long. Safe for use by many threads.
 */
public final class WarmUpCounts {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUpCounts.class);

  private static final int STEPS = 20;

  /** Lines beyond two for each pair, before the file is written anew. */
  private static final int LINES_MORE = 10_000;

  private static final int PARTS = 3;

  private final Path file;
  private final int pairsMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Count> counts = new LinkedHashMap<>();
  private int lines;

  /** Half a line may be at its end. */
  private boolean damaged;

  private static final class Count {
    LocalDate day;
    long used;

    /** What the file says. */
    long kept;

    Count(LocalDate day, long used) {
      this.day = day;
      this.used = used;
      this.kept = used;
    }
  }

  /**
   * @param file made with the first mail that counts
   * @param pairsMax pairs of a source and a site; what can't be counted is not sent
   * @throws IllegalArgumentException when it holds something else: a second amount would be sent
   */
  public WarmUpCounts(String file, int pairsMax) {
    this(file, pairsMax, InstantSource.system());
  }

  WarmUpCounts(String file, int pairsMax, InstantSource clock) {
    this.file = Path.of(file);
    this.pairsMax = pairsMax;
    if (Files.exists(this.file)) {
      try {
        read(Files.readString(this.file));
        forgetBefore(yesterday(clock.instant()));
        writeAll();
      } catch (IOException e) {
        throw new UncheckedIOException(file + " can't be used", e);
      }
    }
  }

  private static LocalDate yesterday(Instant now) {
    return LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(1);
  }

  /** A last line without an end was never relied on. */
  private void read(String text) {
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    whole
        .lines()
        .forEach(
            line -> {
              try {
                String[] parts = line.split(" ", PARTS);
                LocalDate day = LocalDate.parse(parts[0]);
                counts.put(parts[2], new Count(day, Long.parseLong(parts[1])));
              } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException e) {
                throw new IllegalArgumentException(file + ": what is '" + line + "'?", e);
              }
            });
  }

  private void forgetBefore(LocalDate day) {
    counts.values().removeIf(count -> count.day.isBefore(day));
  }

  /** Mails of this day so far. */
  long used(String pair, LocalDate today) {
    lock.lock();
    try {
      Count count = counts.get(pair);
      return count == null || today.isAfter(count.day) ? 0 : count.used;
    } finally {
      lock.unlock();
    }
  }

  /**
   * One more.
   *
   * @param most of this day
   * @return false when there may be no more, or it can't be written down
   */
  boolean take(String pair, LocalDate today, long most) {
    lock.lock();
    try {
      Count count = counts.get(pair);
      if (count == null && counts.size() >= pairsMax) {
        forgetBefore(today);
        if (counts.size() >= pairsMax) {
          LOG.warn("more than {} warm-ups can't be counted: {} must wait", pairsMax, pair);
          return false;
        }
      }
      // A clock that was put back does not begin a day again.
      if (count == null || today.isAfter(count.day)) {
        count = new Count(today, 0);
        counts.put(pair, count);
      }
      if (count.used >= most || count.used >= count.kept && !keep(pair, count, most)) {
        return false;
      }
      count.used++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** One of this day was not sent after all. */
  void giveBack(String pair, LocalDate today) {
    lock.lock();
    try {
      Count count = counts.get(pair);
      if (count != null && count.used > 0 && !today.isAfter(count.day)) {
        count.used--;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean keep(String pair, Count count, long most) {
    long before = count.kept;
    count.kept = Math.min(most, count.used + Math.ceilDiv(most, STEPS));
    try {
      if (damaged || lines > 2 * counts.size() + LINES_MORE) {
        forgetBefore(count.day);
        writeAll();
      } else {
        append(line(count.day, count.kept, pair));
        lines++;
      }
      return true;
    } catch (IOException e) {
      LOG.error("{} can't be written, mail of warm-ups must wait: {}", file, e.toString());
      count.kept = before;
      damaged = true;
      return false;
    }
  }

  private void append(String line) throws IOException {
    try (var out =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      write(out, line);
    }
  }

  private void writeAll() throws IOException {
    StringBuilder all = new StringBuilder();
    counts.forEach((pair, count) -> all.append(line(count.day, count.kept, pair)));
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (var out = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      write(out, all.toString());
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    lines = counts.size();
    damaged = false;
  }

  private static void write(FileChannel out, String text) throws IOException {
    var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int written = out.write(bytes);
      assert written >= 0;
    }
    out.force(false);
  }

  private static String line(LocalDate day, long kept, String pair) {
    return day + " " + kept + " " + pair + "\n";
  }
}
