package dev.caravan.proof;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The resolver says nothing, or what is not so, while mail to twenty domains goes by MX. */
final class BadDns implements Injury {
  private final String name;
  private final List<DnsRelay.Deed> deeds;
  private final int seconds;
  private @Nullable DnsRelay relay;

  BadDns(String name, List<DnsRelay.Deed> deeds, int seconds) {
    this.name = name;
    this.deeds = deeds;
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    relay = ward.with(new DnsRelay(ward.with(Sites.dns()).address()));
    Sites.use(ward, ward.sink().port(), relay.address());
  }

  @Override
  public Done run(Ward ward) throws Exception {
    DnsRelay bad = Optional.ofNullable(relay).orElseThrow();
    bad.be(() -> deeds.get(ThreadLocalRandom.current().nextInt(deeds.size())));
    Pause.millis(seconds * 1000, seconds * 1000);
    long healed = System.nanoTime();
    bad.be(() -> DnsRelay.Deed.PASS);
    double back = ward.served(healed);
    return new Done(bad.deeds() + " questions", 0, List.of(back));
  }
}
