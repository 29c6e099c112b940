package dev.caravan.proof;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connections are cut, reset, silent or slow, each at a place of the dialogue that is drawn by lot:
 * those to the server that mail goes to, or those of the clients.
 */
final class BadNetwork implements Injury {
  private final boolean ofClients;
  private final int seconds;
  private @Nullable Wire wire;

  BadNetwork(boolean ofClients, int seconds) {
    this.ofClients = ofClients;
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return ofClients ? "network to the clients" : "network to the server";
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    if (ofClients) {
      wire = ward.with(new Wire(() -> ward.port("smtp")));
      ward.front(wire);
    } else {
      ward.impatient();
      wire = ward.with(new Wire(ward.sink()::port));
      Sites.use(ward, wire.port(), ward.with(Sites.dns()).address());
    }
  }

  @Override
  public Done run(Ward ward) throws Exception {
    Wire harmed = Optional.ofNullable(wire).orElseThrow();
    harmed.harm();
    Pause.millis(seconds * 1000, seconds * 1000);
    long healed = System.nanoTime();
    harmed.heal();
    double back = ward.served(healed);
    // A client that was not told sends no mail again here, and the gateway must not either.
    return new Done(harmed.told(), ofClients ? 0 : harmed.swallowed(), List.of(back));
  }
}
