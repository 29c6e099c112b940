package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Sends nothing: keeps each mail as {@code <id>.eml} beside its {@code <id>.envelope}, for trying
 * things out safely. The oldest go when there are too many.
 */
public final class SandboxTransport implements Transport, Sites {
  private static final int SWEEP_EVERY = 100;

  private final Path dir;
  private final int filesMax;
  private final AtomicLong kept = new AtomicLong();
  private final ReentrantLock sweeping = new ReentrantLock();

  /**
   * @param filesMax mails kept
   */
  public SandboxTransport(String dir, int filesMax) {
    this.dir = Path.of(dir);
    this.filesMax = filesMax;
    try {
      Files.createDirectories(this.dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String siteOf(Mail mail, EmailAddress recipient) {
    return "sandbox";
  }

  @Override
  public Attempt deliver(QueuedMail mail) {
    long start = System.nanoTime();
    List<Outcome> outcomes;
    try {
      String name = mail.id().value();
      keep(
          name + ".envelope",
          out -> out.write(envelope(mail).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      keep(name + ".eml", out -> mail.content().writeTo(out));
      SmtpReply reply = SmtpReply.of(250, "2.0.0", "Kept in the sandbox as " + name + ".eml");
      outcomes = all(mail, r -> new Outcome.Delivered(r, reply, Outcome.Reach.FINAL));
      sweep();
    } catch (IOException e) {
      SmtpReply reply = SmtpReply.of(452, "4.3.1", "The sandbox can't be written");
      outcomes = all(mail, r -> new Outcome.Deferred(r, reply, false));
    }
    return new Attempt(mail, outcomes, "sandbox", "", Duration.ofNanos(System.nanoTime() - start));
  }

  private static List<Outcome> all(
      QueuedMail mail, java.util.function.Function<EmailAddress, Outcome> outcome) {
    return mail.envelope().recipients().stream().map(outcome).toList();
  }

  private static String envelope(QueuedMail mail) {
    StringBuilder text = new StringBuilder();
    text.append("MAIL FROM:<").append(mail.envelope().sender()).append(">\n");
    mail.envelope().recipients().forEach(r -> text.append("RCPT TO:<").append(r).append(">\n"));
    return text.toString();
  }

  private interface Writer {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Whole or not at all, and on disk. */
  private void keep(String name, Writer writer) throws IOException {
    Path draft = dir.resolve(name + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(channel);
      writer.writeTo(out);
      channel.force(false);
    }
    Files.move(draft, dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private void sweep() throws IOException {
    if (kept.incrementAndGet() % SWEEP_EVERY != 0 || !sweeping.tryLock()) {
      return;
    }
    try (Stream<Path> files = Files.list(dir)) {
      // Names begin with the time, so their order is their age.
      List<Path> all = files.filter(f -> f.toString().endsWith(".eml")).sorted().toList();
      for (Path old : all.subList(0, Math.max(0, all.size() - filesMax))) {
        Files.deleteIfExists(old);
        Files.deleteIfExists(
            old.resolveSibling(old.getFileName().toString().replaceAll("eml$", "envelope")));
      }
    } finally {
      sweeping.unlock();
    }
  }

  @Override
  public void close() {}
}
