package dev.caravan.proof;

import java.util.ArrayList;
import java.util.List;

/** {@code kill -9} at a random instant under load, again and again. */
record Kill(int kills, long untilNanos) implements Injury {
  @Override
  public String name() {
    return "kill -9";
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    int inFlight = 0;
    while (back.size() < kills && (back.isEmpty() || System.nanoTime() - untilNanos < 0)) {
      Pause.millis(0, 1500);
      inFlight += ward.sink().inFlight(ward.kill());
      long healed = System.nanoTime();
      ward.start();
      back.add(ward.served(healed));
    }
    return new Done(back.size() + " kills", inFlight, back);
  }
}
