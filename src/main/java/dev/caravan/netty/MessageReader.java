package dev.caravan.netty;

import dev.caravan.mail.Content;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.DataReader.Framing;
import dev.caravan.smtp.Replies;
import dev.caravan.smtp.SmtpSession;
import dev.caravan.smtp.Step;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The message that comes in on one connection, after DATA or in chunks: read as far as somebody
 * wants it, skipped otherwise, and told to the session at its end. Used by the event loop only.
 */
final class MessageReader {
  private final Door door;
  private final ServerOptions options;
  private final Link link;
  private final SmtpSession session;
  private final LineInput input;
  private final Driver driver;
  private @Nullable DataIntake message;
  private @Nullable Chunk chunk;

  /** Octets of the message before and an eighth more: the next one is often about as large. */
  private long expected;

  /** Who does what the session says. */
  interface Driver {
    void perform(Step step);

    /**
     * @param done gives back what was kept for the question
     */
    void ask(Question<?> question, Runnable done);

    /** Goes on with what has come meanwhile. */
    void goOn();
  }

  /** Octets that were announced by BDAT. */
  private static final class Chunk {
    final long octets;
    final boolean last;

    /** Set when nobody wants them. */
    final @Nullable SmtpReply refusal;

    long left;

    Chunk(long octets, boolean last, @Nullable SmtpReply refusal) {
      this.octets = octets;
      this.last = last;
      this.refusal = refusal;
      this.left = octets;
    }
  }

  MessageReader(Door door, Link link, SmtpSession session, LineInput input, Driver driver) {
    this.door = door;
    this.options = door.options();
    this.link = link;
    this.session = session;
    this.input = input;
    this.driver = driver;
  }

  /** Whether a message, or a chunk that nobody wants, has been begun. */
  boolean isOpen() {
    return message != null || chunk != null;
  }

  boolean hasMessage() {
    return message != null;
  }

  /** Whether what comes next is data and no command. */
  boolean wantsData() {
    DataIntake intake = message;
    return chunk != null || intake != null && !intake.isChunked();
  }

  /** RSET, or another EHLO, may have come between two chunks. */
  void dropUnlessWanted() {
    if (!session.hasMail() && chunk == null) {
      drop();
    }
  }

  void data(Step.ReadData read) {
    Optional<SmtpReply> full = full();
    if (full.isPresent()) {
      driver.perform(session.messageRefused(full.get()));
      return;
    }
    link.write(read.reply());
    message = new DataIntake(options, door.memory(), Framing.DOTS, expected, System.nanoTime());
    link.deadline().in(options.dataTimeout());
  }

  void chunk(Step.ReadChunk read) {
    Optional<SmtpReply> full = read.first() ? full() : Optional.empty();
    if (full.isPresent()) {
      if (session.messageRefused(full.get()) instanceof Step.Reply reply) {
        skip(read.octets(), reply.reply());
      }
      return;
    }
    long now = System.nanoTime();
    DataIntake intake = message;
    if (intake == null) {
      Framing framing = read.binary() ? Framing.BINARY_CHUNKS : Framing.CHUNKS;
      intake = new DataIntake(options, door.memory(), framing, expected, now);
      message = intake;
    } else {
      intake.resume(now);
    }
    link.deadline().in(options.dataTimeout());
    chunk = new Chunk(read.octets(), read.last(), null);
    goOn(intake);
  }

  void skip(long octets, SmtpReply reply) {
    if (octets > options.limits().messageSize()) {
      driver.perform(Step.Close.offence(reply));
    } else if (octets == 0) {
      driver.perform(new Step.Reply(reply));
    } else {
      link.deadline().in(options.dataTimeout());
      chunk = new Chunk(octets, false, reply);
    }
  }

  private Optional<SmtpReply> full() {
    return door.memory().isFull() ? Optional.of(Replies.NO_STORAGE) : door.shortage();
  }

  /** Takes of what has come as much as it can. */
  void read() {
    Chunk piece = chunk;
    DataIntake intake = message;
    if (piece != null && piece.refusal != null) {
      piece.left -= input.skip(piece.left);
      if (piece.left == 0) {
        chunk = null;
        driver.perform(new Step.Reply(piece.refusal));
      }
    } else if (intake != null) {
      long read = intake.feed(input.octets(), piece == null ? Long.MAX_VALUE : piece.left);
      if (piece != null) {
        piece.left -= read;
      }
      goOn(intake);
    }
  }

  /** After something was read, or written to the file. */
  private void goOn(DataIntake intake) {
    Chunk piece = chunk;
    if (intake.needsFile()) {
      elsewhere(intake::spool, intake);
    } else if (intake.hasEnded()) {
      end(intake);
    } else if (piece != null && piece.left == 0) {
      endChunk(intake, piece);
    } else if (intake.keepsUseless()) {
      elsewhere(intake::discard, intake);
    }
  }

  private void elsewhere(Runnable work, DataIntake intake) {
    link.aside(
        "smtp-spool",
        () -> {
          work.run();
          return intake;
        },
        this::written,
        intake::discard);
  }

  private void written(DataIntake intake) {
    if (link.closing) {
      drop();
      return;
    }
    link.deadline().in(options.dataTimeout());
    goOn(intake);
    driver.goOn();
  }

  private void endChunk(DataIntake intake, Chunk piece) {
    chunk = null;
    if (intake.refusal().isPresent()) {
      refuse(intake.refusal().get());
    } else if (piece.last) {
      intake.end();
      goOn(intake);
    } else {
      link.deadline().in(options.commandTimeout());
      driver.perform(session.chunk(piece.octets));
    }
  }

  private void end(DataIntake intake) {
    link.deadline().in(options.commandTimeout());
    chunk = null;
    Optional<SmtpReply> refusal = intake.refusal();
    if (refusal.isPresent()) {
      refuse(refusal.get());
      return;
    }
    message = null;
    MailId id = MailId.next(door.clock(), ThreadLocalRandom.current());
    Content content = intake.content();
    expected = content.size() + content.size() / 8;
    Step step = session.message(id, door.clock().instant(), content);
    if (step instanceof Step.Ask ask) {
      driver.ask(ask.question(), intake::discard);
    } else {
      Thread.startVirtualThread(intake::discard);
      driver.perform(step);
    }
  }

  private void refuse(SmtpReply reply) {
    link.deadline().in(options.commandTimeout());
    drop();
    driver.perform(session.messageRefused(reply));
  }

  /** Forgets the message and gives back what was kept of it. */
  void drop() {
    DataIntake intake = message;
    message = null;
    if (intake != null && intake.hasFile()) {
      Thread.startVirtualThread(intake::discard);
    } else if (intake != null) {
      intake.discard();
    }
  }

  /** Whether data is waited for that comes too slowly. */
  boolean isTooSlow(long now) {
    DataIntake intake = message;
    return intake != null && wantsData() && intake.isTooSlow(now);
  }
}
