package dev.caravan.camel.smtp;

import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Replies;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether mail can be taken at present: the disk of the spool folder and the broker. Looked at once
 * a second at most, by whoever asks then; the log is told when a shortage begins and when it ends.
 */
public final class Shortage {
  private static final Logger LOG = LoggerFactory.getLogger(Shortage.class);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Octets that may still be written. */
  public interface Disk {
    long free() throws IOException;
  }

  private final Disk disk;
  private final long diskMin;
  private final Supplier<Optional<String>> brokerFull;
  private final LongSupplier nanoTime;
  private final AtomicLong nextLook;
  private volatile Optional<String> reason = Optional.empty();

  /**
   * @param diskMin octets of disk below which nothing is taken
   * @param brokerFull why the broker takes nothing, if so
   */
  public Shortage(
      Disk disk, long diskMin, Supplier<Optional<String>> brokerFull, LongSupplier nanoTime) {
    this.disk = disk;
    this.diskMin = diskMin;
    this.brokerFull = brokerFull;
    this.nanoTime = nanoTime;
    this.nextLook = new AtomicLong(nanoTime.getAsLong());
  }

  /** {@code 452 4.3.1} while there is one. */
  Optional<SmtpReply> reply() {
    long now = nanoTime.getAsLong();
    long next = nextLook.get();
    if (now - next >= 0 && nextLook.compareAndSet(next, now + LOOK_NANOS)) {
      change(look());
    }
    return reason.map(r -> Replies.NO_STORAGE);
  }

  private Optional<String> look() {
    try {
      long free = disk.free();
      if (free < diskMin) {
        return Optional.of("less than caravan.smtp.disk-min is free where messages are spooled");
      }
    } catch (IOException e) {
      return Optional.of("the spool folder can't be used: " + e);
    }
    return brokerFull.get();
  }

  /** By one thread at a time: whoever looks. */
  private void change(Optional<String> now) {
    if (now.equals(reason)) {
      return;
    }
    reason = now;
    if (now.isPresent()) {
      LOG.warn("no mail is taken: {}", now.get());
    } else {
      LOG.info("mail is taken again");
    }
  }
}
