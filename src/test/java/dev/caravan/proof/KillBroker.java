package dev.caravan.proof;

import java.util.ArrayList;
import java.util.List;

/**
 * Two gateways on one broker, or on a pair: {@code kill -9} of the broker that serves, again and
 * again. The gateways stay up and must find by themselves what serves next: the same broker,
 * started again, or the other of the pair, after which the dead one is started to stand by.
 */
record KillBroker(Brokers.Kind kind, int kills) implements Injury {
  /** Until then a node may deliver what it holds, though nobody can be told of it any more. */
  private static final long NOTICED_NANOS = 1_000_000_000;

  @Override
  public String name() {
    return switch (kind) {
      case ONE -> "the broker is killed";
      case SHARED_STORE -> "a broker of a pair is killed";
    };
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    ward.ledger().brokerFails();
    ward.two(kind);
  }

  @Override
  public Done run(Ward ward) throws Exception {
    List<Double> back = new ArrayList<>();
    int inFlight = 0;
    for (int i = 0; i < kills; i++) {
      Pause.millis(500, 2000);
      Brokers brokers = ward.brokers();
      BrokerProcess dead = brokers.active();
      long killed = dead.kill();
      if (kind == Brokers.Kind.ONE) {
        dead.start();
      }
      back.add(ward.recovered(killed));
      for (Node node : ward.nodes()) {
        inFlight += ward.sink().inFlight(killed, killed + NOTICED_NANOS, node.hostname());
      }
      if (kind != Brokers.Kind.ONE) {
        dead.start();
        brokers.active().awaitBacked();
      }
    }
    int starts = ward.nodes().stream().mapToInt(Node::starts).sum();
    if (starts > ward.nodes().size()) {
      throw new AssertionError("a gateway did not stay up");
    }
    return new Done(kills + " kills", inFlight, back);
  }
}
