package dev.caravan.proof;

import dev.caravan.proof.Sink.Deed;
import dev.caravan.proof.Sink.Mood;
import dev.caravan.proof.Sink.Stage;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** A server that does not do what it should, one time of four, for some seconds. */
record BadSink(String name, Deed deed, List<Stage> stages, int seconds) implements Injury {
  @Override
  public void prepare(Ward ward) throws Exception {
    ward.impatient();
    Sites.use(ward, ward.sink().port(), ward.with(Sites.dns()).address());
  }

  @Override
  public Done run(Ward ward) throws Exception {
    Mood bad =
        stage ->
            stages.contains(stage) && ThreadLocalRandom.current().nextInt(4) == 0
                ? deed
                : Deed.SERVE;
    ward.sink().be(bad);
    Pause.millis(seconds * 1000, seconds * 1000);
    long healed = System.nanoTime();
    ward.sink().heal();
    double back = ward.served(healed);
    String what =
        "%d times, %d with the message".formatted(ward.sink().deeds(), ward.sink().unconfirmed());
    return new Done(what, ward.sink().unconfirmed(), List.of(back));
  }
}
