package dev.caravan.proof;

import java.util.ArrayList;
import java.util.List;

/**
 * Two gateways on one broker: one stands still ({@code SIGSTOP}) with all its connections open, as
 * when its machine or the network is gone without a word. The other must get the mail that the
 * first has fetched. Then the first goes on where it stood.
 */
record HangNode(int times) implements Injury {
  @Override
  public String name() {
    return "a node of two stands still";
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    ward.two(Brokers.Kind.ONE);
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    int inFlight = 0;
    for (int i = 0; i < times; i++) {
      Node node = ward.nodes().get(i % 2);
      Pause.millis(500, 2000);
      long stopped = System.nanoTime();
      signal("-STOP", node);
      inFlight += ward.sink().inFlight(stopped, node.hostname());
      back.add(ward.recovered(stopped));
      signal("-CONT", node);
      // What its workers take before it notices that its time is over.
      inFlight += Sink.AT_ONCE_MAX / 2;
      back.add(ward.served(System.nanoTime()));
    }
    return new Done(times + " times", inFlight, back);
  }

  private static void signal(String which, Node node) throws Exception {
    Command.run("kill", which, Long.toString(node.pid()));
  }
}
