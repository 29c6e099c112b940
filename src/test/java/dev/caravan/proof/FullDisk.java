package dev.caravan.proof;

import dev.caravan.proof.Ledger.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The data folder's disk is full: up to the gateway's own limit, or to the last octet. */
final class FullDisk implements Injury {
  private static final long SIZE = 500L << 20;
  private static final long BELOW_THE_LIMIT = 80L << 20;
  private static final int TIMES = 2;

  private final boolean toTheLastOctet;
  private final int seconds;
  private @Nullable SmallDisk disk;

  FullDisk(boolean toTheLastOctet, int seconds) {
    this.toTheLastOctet = toTheLastOctet;
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return toTheLastOctet ? "disk full to the last octet" : "disk full to caravan's limit";
  }

  @Override
  public Optional<String> missing() {
    return SmallDisk.missing();
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    disk = ward.with(new SmallDisk(ward.folder().resolve("image"), ward.data(), SIZE));
    if (toTheLastOctet) {
      ward.key("smtp.disk-min", "0KB");
      ward.key("broker.disk-max", "100");
      ward.ledger().brokerFails();
    }
  }

  @Override
  public Done run(Ward ward) throws Exception {
    SmallDisk full = Optional.ofNullable(disk).orElseThrow();
    List<Double> back = new ArrayList<>();
    int refused = ward.ledger().count(Fate.REFUSED);
    int died = 0;
    for (int i = 0; i < TIMES; i++) {
      full.fill(toTheLastOctet ? 0 : BELOW_THE_LIMIT);
      Pause.millis(seconds * 500, seconds * 500);
      full.empty();
      long healed = System.nanoTime();
      if (ward.revive()) {
        died++;
      }
      back.add(ward.served(healed));
    }
    int more = ward.ledger().count(Fate.REFUSED) - refused;
    String what = "%d times full, %d mails refused, ended %d times".formatted(TIMES, more, died);
    // What is in flight when the broker can't write any more can't be committed.
    return new Done(what, died * Sink.AT_ONCE_MAX, back);
  }
}
