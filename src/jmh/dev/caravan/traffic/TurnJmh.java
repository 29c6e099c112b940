package dev.caravan.traffic;

import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Whether a mail may go to its site now, or moves to a lane: what a worker asks for each mail. */
@State(Scope.Benchmark)
public class TurnJmh {
  /** Sites that are known. */
  @Param({"1", "10000"})
  public int sites;

  private Traffic traffic;
  private Traffic full;
  private Ask[] asks = {};
  private int next;

  @Setup(Level.Trial)
  public void prepare() throws Exception {
    Path none = Path.of(System.getProperty("java.io.tmpdir"), "caravan-jmh", "sites.json");
    SiteOrders orders = new SiteOrders(none.toString());
    traffic = new Traffic(20, "", "1m", orders);
    full = new Traffic(20, "", "1m", orders);
    asks = new Ask[sites];
    for (int i = 0; i < sites; i++) {
      asks[i] = Ask.of("mx" + i + ".example");
      while (full.tryEnter(asks[i], Integer.MAX_VALUE, lane -> false) instanceof Entry.Turn) {
        // it stays busy
      }
    }
  }

  private Ask ask() {
    next = next + 1 == asks.length ? 0 : next + 1;
    return asks[next];
  }

  /** It is given its turn, which it gives back. */
  @Benchmark
  public Entry turn() {
    Entry entry = traffic.tryEnter(ask(), Integer.MAX_VALUE, lane -> false);
    if (entry instanceof Entry.Turn turn) {
      turn.close();
    }
    return entry;
  }

  /** Its site is busy: to its lane. */
  @Benchmark
  public Entry lane() {
    return full.tryEnter(ask(), Integer.MAX_VALUE, lane -> false);
  }
}
