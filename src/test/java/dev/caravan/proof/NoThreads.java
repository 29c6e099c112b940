package dev.caravan.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process can start no thread, while more clients come than it has served before. By a library
 * that is preloaded ({@code proof/threads.c}): a limit of the user does not hold for root, and one
 * of a control group needs its rights.
 */
final class NoThreads implements Injury {
  private static final int CLIENTS = 100;
  private static final int PATIENCE_MS = 5_000;

  private final int times;
  private final int seconds;
  private @Nullable Path state;

  /**
   * @param seconds each time
   */
  NoThreads(int times, int seconds) {
    this.times = times;
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "threads exhausted";
  }

  @Override
  public Optional<String> missing() {
    return Command.missing("cc");
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    ward.ledger().brokerFails();
    state = ward.folder().resolve("threads");
    refuse(false);
    put(Long.BYTES, 0);
    ward.preload("threads.c");
    ward.variable("THREADS", state.toString());
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    int died = 0;
    for (int i = 0; i < times; i++) {
      refuse(true);
      long end = System.nanoTime() + seconds * 1_000_000_000L;
      List<Thread> clients = new ArrayList<>();
      for (int j = 0; j < CLIENTS; j++) {
        clients.add(Thread.startVirtualThread(() -> keepSending(ward, end)));
      }
      while (System.nanoTime() - end < 0 && ward.isRunning()) {
        Pause.millis(100, 100);
      }
      refuse(false);
      long healed = System.nanoTime();
      died += ward.revive() ? 1 : 0;
      back.add(ward.served(healed));
      for (Thread client : clients) {
        client.join();
      }
    }
    long refused = at(Long.BYTES);
    if (refused == 0) {
      throw new AssertionError("it asked for no thread");
    }
    String what = "%d times, %d threads refused, ended %d times".formatted(times, refused, died);
    // Its journal may have needed a thread: what is in flight then can't be committed.
    return new Done(what, died * Sink.AT_ONCE_MAX, back);
  }

  private static void keepSending(Ward ward, long end) {
    while (System.nanoTime() - end < 0) {
      try (SmtpSender sender = new SmtpSender(ward.port("smtp"), PATIENCE_MS)) {
        Ledger.Entry entry = ward.ledger().begin("t");
        sender.send(entry, "b@dest.example", Letter.of(entry.id()));
      } catch (IOException e) {
        // nobody serves it
      }
    }
  }

  private void refuse(boolean now) throws IOException {
    put(0, now ? 1 : 0);
  }

  private FileChannel file() throws IOException {
    return FileChannel.open(
        Optional.ofNullable(state).orElseThrow(),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  /** In place: the process has mapped it. */
  private void put(int offset, long value) throws IOException {
    try (FileChannel file = file()) {
      file.write(octets().putLong(0, value), offset);
    }
  }

  private long at(int offset) throws IOException {
    ByteBuffer octets = octets();
    try (FileChannel file = file()) {
      file.read(octets, offset);
    }
    return octets.getLong(0);
  }

  private static ByteBuffer octets() {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
  }
}
