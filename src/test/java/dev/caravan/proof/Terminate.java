package dev.caravan.proof;

import java.util.ArrayList;
import java.util.List;

/** SIGTERM in the middle: what is under way is finished, and the process says 0. */
record Terminate(int times) implements Injury {
  @Override
  public String name() {
    return "SIGTERM";
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    List<Integer> exits = new ArrayList<>();
    while (back.size() < times) {
      Pause.millis(0, 1500);
      exits.add(ward.terminate());
      long healed = System.nanoTime();
      ward.start();
      back.add(ward.served(healed));
    }
    if (exits.stream().anyMatch(exit -> exit != 0)) {
      throw new AssertionError("the gateway ended with " + exits);
    }
    return new Done(times + " times, each ended with 0", 0, back);
  }
}
