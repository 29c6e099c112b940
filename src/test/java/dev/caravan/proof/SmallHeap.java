package dev.caravan.proof;

import dev.caravan.proof.Ledger.Fate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A heap that is far too small for what comes: many clients with large messages at once. */
record SmallHeap(int seconds) implements Injury {
  private static final int CLIENTS = 120;
  private static final int LINES = 40_000;
  private static final int HEAP_MB = 96;
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  @Override
  public String name() {
    return "heap nearly full";
  }

  @Override
  public void prepare(Ward ward) {
    ward.variable("CARAVAN_HEAP", HEAP_MB + "m");
  }

  @Override
  public Done run(Ward ward) throws Exception {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    int refused = ward.ledger().count(Fate.REFUSED);
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(Thread.startVirtualThread(() -> keepSending(ward, end)));
    }
    int died = 0;
    long most = 0;
    while (System.nanoTime() - end < 0) {
      Pause.millis(500, 500);
      most = Math.max(most, usedKilobytes(ward));
      died += ward.revive() ? 1 : 0;
    }
    for (Thread client : clients) {
      client.join();
    }
    long healed = System.nanoTime();
    died += ward.revive() ? 1 : 0;
    double back = ward.served(healed);
    int more = ward.ledger().count(Fate.REFUSED) - refused;
    String what =
        "%d clients with 2.8 MB each, up to %d of %d MB in use, %d mails refused, ended %d times"
            .formatted(CLIENTS, most / 1024, HEAP_MB, more, died);
    return new Done(what, ward.sink().unconfirmed() + died * Sink.AT_ONCE_MAX, List.of(back));
  }

  /** All generations, with what is not collected yet; 0 when it can't be asked. */
  private static long usedKilobytes(Ward ward) throws InterruptedException {
    try {
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      String told = Command.run(jcmd, Long.toString(ward.pid()), "GC.heap_info");
      return USED.matcher(told).results().mapToLong(used -> Long.parseLong(used.group(1))).sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private static void keepSending(Ward ward, long end) {
    while (System.nanoTime() - end < 0) {
      try (SmtpSender sender = new SmtpSender(ward.port("smtp"), 20_000)) {
        Ledger.Entry entry = ward.ledger().begin("h");
        sender.send(entry, "b@dest.example", Letter.of(entry.id(), LINES));
      } catch (IOException e) {
        // it has no room, or is gone
      }
    }
  }
}
