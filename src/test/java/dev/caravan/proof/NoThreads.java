package dev.caravan.proof;

import java.io.IOException;
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

  /** Where in the file it is said whether threads are refused, and told how many were. */
  private static final int REFUSE = 0;

  private static final int REFUSED = 1;

  private final int times;
  private final int seconds;
  private @Nullable Numbers state;

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
    state = new Numbers(ward.folder().resolve("threads"));
    state.put(REFUSE, 0);
    state.put(REFUSED, 0);
    ward.preload("threads.c");
    ward.variable("THREADS", state.file().toString());
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    int died = 0;
    for (int i = 0; i < times; i++) {
      state().put(REFUSE, 1);
      long end = System.nanoTime() + seconds * 1_000_000_000L;
      List<Thread> clients = new ArrayList<>();
      for (int j = 0; j < CLIENTS; j++) {
        clients.add(Thread.startVirtualThread(() -> keepSending(ward, end)));
      }
      while (System.nanoTime() - end < 0 && ward.isRunning()) {
        Pause.millis(100, 100);
      }
      state().put(REFUSE, 0);
      long healed = System.nanoTime();
      died += ward.revive() ? 1 : 0;
      back.add(ward.served(healed));
      for (Thread client : clients) {
        client.join();
      }
    }
    long refused = state().get(REFUSED);
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

  private Numbers state() {
    return Optional.ofNullable(state).orElseThrow();
  }
}
