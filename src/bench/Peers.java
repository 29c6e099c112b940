import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Relays side by side; see peers.sh. */
final class Peers {
  private static final int CLIENTS = 20;

  /** What has not come by then will not come. */
  private static final long ROUND_NANOS_MAX = TimeUnit.MINUTES.toNanos(20);

  /**
   * A kind of load.
   *
   * @param signed whether the relays sign with DKIM (RSA-2048)
   */
  private record Case(String name, int octets, int perConnection, boolean signed) {}

  /**
   * Of a round.
   *
   * @param rate mails a second, from the first that is sent until the last is at the sink
   * @param cpu milliseconds of processor time for a mail
   * @param own the same of the clients and the sink, which share the processors with the relay
   */
  private record Figures(double rate, double cpu, double own) {
    @Override
    public String toString() {
      return "%.0f/s %.2f CPU-ms (clients and sink %.2f)".formatted(rate, cpu, own);
    }
  }

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    for (Case each :
        List.of(
            new Case("5KB", 5 << 10, Integer.MAX_VALUE, false),
            new Case("5KB-fresh", 5 << 10, 1, false),
            new Case("5KB-signed", 5 << 10, Integer.MAX_VALUE, true),
            new Case("100KB", 100 << 10, Integer.MAX_VALUE, false))) {
      CASES.put(each.name(), each);
    }
  }

  public static void main(String[] arguments) throws Exception {
    List<Case> cases = new ArrayList<>();
    int rounds = 5;
    int mails = 5_000;
    int warmUp = 60_000;
    String haraka = "";
    for (String argument : arguments) {
      String[] option = argument.split("=", 2);
      switch (option[0]) {
        case "rounds" -> rounds = Integer.parseInt(option[1]);
        case "mails" -> mails = Integer.parseInt(option[1]);
        case "warm-up" -> warmUp = Integer.parseInt(option[1]);
        case "haraka" -> haraka = option[1];
        case "case" ->
            Arrays.stream(option[1].split(",")).forEach(name -> cases.add(CASES.get(name)));
        default -> usage();
      }
    }
    if (cases.contains(null)) {
      usage();
    }
    for (Case each : cases.isEmpty() ? List.copyOf(CASES.values()) : cases) {
      measure(
          each, haraka, rounds, each.octets() > 50_000 ? Math.max(1, mails / 5) : mails, warmUp);
    }
  }

  private static void usage() {
    System.err.println(
        "usage: peers.sh [case="
            + String.join(",", CASES.keySet())
            + "] [rounds=5] [mails=5000] [warm-up=60000] [haraka=FOLDER]");
    System.exit(2);
  }

  private static void measure(Case load, String haraka, int rounds, int mails, int warmUp)
      throws Exception {
    Path folder = Files.createTempDirectory("caravan-peers");
    List<Peer> others = new ArrayList<>();
    try (BenchSink sink = new BenchSink(1, 0);
        BenchDns dns = new BenchDns();
        Peer caravan = CaravanPeer.start(folder, dns, sink.port(), load.signed())) {
      others.add(PostfixPeer.start(folder, sink.port(), load.signed()));
      if (!haraka.isEmpty() && !load.signed()) {
        others.add(HarakaPeer.start(folder, Path.of(haraka), sink.port()));
      }
      System.out.printf(
          "%s: %d bytes, %d sessions, %s, %d rounds of %d mails%n",
          load.name(),
          load.octets(),
          CLIENTS,
          load.perConnection() == 1 ? "a connection for each mail" : "kept connections",
          rounds,
          mails);
      round(load, caravan, sink, caravan.warmUp(warmUp));
      for (Peer other : others) {
        round(load, other, sink, other.warmUp(warmUp));
      }
      compare(load, caravan, others, sink, rounds, mails);
    } finally {
      for (Peer other : others) {
        other.close();
      }
      BenchFiles.delete(folder);
    }
  }

  private static void compare(
      Case load, Peer caravan, List<Peer> others, BenchSink sink, int rounds, int mails)
      throws Exception {
    List<Figures> ours = new ArrayList<>();
    Map<Peer, List<Figures>> theirs = new LinkedHashMap<>();
    // One turn of each that does not count: in the warm-up there were no turns.
    for (Peer other : others) {
      round(load, other, sink, mails);
    }
    round(load, caravan, sink, mails);
    for (int round = 1; round <= rounds; round++) {
      Map<Peer, Figures> now = new LinkedHashMap<>();
      for (Peer other : others) {
        now.put(other, round(load, other, sink, mails));
      }
      Figures own = round(load, caravan, sink, mails);
      ours.add(own);
      System.out.printf("  round %d: %s %s%n", round, caravan.name(), own);
      now.forEach(
          (other, figures) -> {
            theirs.computeIfAbsent(other, o -> new ArrayList<>()).add(figures);
            System.out.printf(
                "    %s %s: %.2f times, %.2f of the CPU%n",
                other.name(), figures, own.rate() / figures.rate(), own.cpu() / figures.cpu());
          });
    }
    theirs.forEach(
        (other, figures) ->
            System.out.printf(
                "  beside %s: times as many a second: %s; CPU for a mail, of theirs: %s%n",
                other.name(),
                ratios(ours, figures, Figures::rate),
                ratios(ours, figures, Figures::cpu)));
  }

  private static String ratios(
      List<Figures> ours, List<Figures> theirs, ToDoubleFunction<Figures> figure) {
    double[] sorted = new double[ours.size()];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = figure.applyAsDouble(ours.get(i)) / figure.applyAsDouble(theirs.get(i));
    }
    Arrays.sort(sorted);
    return "median %.2f (least %.2f, most %.2f)"
        .formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }

  private static Figures round(Case load, Peer peer, BenchSink sink, int mails) throws Exception {
    int before = sink.messages.get();
    double cpu = peer.cpu();
    Duration own = ownTime();
    long start = System.nanoTime();
    BenchLoad.send(peer.port(), mails, CLIENTS, n -> 1, load.octets(), load.perConnection());
    while (sink.messages.get() < before + mails) {
      if (System.nanoTime() - start > ROUND_NANOS_MAX) {
        throw new IOException(
            "%s delivered %d of %d mails in %d minutes"
                .formatted(
                    peer.name(),
                    sink.messages.get() - before,
                    mails,
                    TimeUnit.NANOSECONDS.toMinutes(ROUND_NANOS_MAX)));
      }
      Thread.sleep(2);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    // What it still tidies up counts, too.
    Thread.sleep(250);
    sink.times.clear();
    return new Figures(
        mails / seconds,
        (peer.cpu() - cpu) * 1e3 / mails,
        ownTime().minus(own).toNanos() / 1e6 / mails);
  }

  /** Processor time of this process until now. */
  private static Duration ownTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
