package dev.caravan.proof;

import java.util.ArrayList;
import java.util.List;

/**
 * Two gateways on one broker: {@code kill -9} of one and then of the other, again and again. It is
 * started again only when the one that is left has delivered all that was accepted before, and a
 * mail that was begun after.
 */
record KillNode(int kills) implements Injury {
  @Override
  public String name() {
    return "a node of two is killed";
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    ward.two(Brokers.Kind.ONE);
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    int inFlight = 0;
    for (int i = 0; i < kills; i++) {
      Node node = ward.nodes().get(i % 2);
      Pause.millis(500, 2000);
      long killed = node.kill();
      inFlight += ward.sink().inFlight(killed, node.hostname());
      back.add(ward.recovered(killed));
      node.start();
    }
    return new Done(kills + " kills", inFlight, back);
  }
}
