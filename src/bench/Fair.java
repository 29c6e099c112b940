import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What good sites lose by bad ones; see fair.sh. */
final class Fair {
  private static final int GOOD = 10;
  private static final int DEAD = 100;
  private static final int TARPIT = 101;
  private static final int ROUNDS = 7;
  private static final int WARM_UP = 60_000;
  private static final int CLIENTS = 20;

  public static void main(String[] arguments) throws Exception {
    int bad = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    int mails = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    List<BenchSink> sinks = new ArrayList<>();
    BenchSink sink = new BenchSink(1, 0);
    sinks.add(sink);
    for (int site = 2; site <= GOOD; site++) {
      sinks.add(new BenchSink(site, sink.port()));
    }
    try (BenchDns dns = new BenchDns();
        BenchSink tarpit = new BenchSink(TARPIT, sink.port());
        BenchGateway alone = BenchGateway.start(dns, sink.port(), Map.of());
        BenchGateway beside = BenchGateway.start(dns, sink.port(), Map.of())) {
      tarpit.octetMillis = 1_000;
      // Java is slow at first: each has delivered as many when the rounds begin.
      for (BenchGateway gateway : List.of(alone, beside)) {
        rate(gateway, sinks, WARM_UP, false);
      }
      long start = System.nanoTime();
      BenchLoad.send(beside.smtpPort(), bad, CLIENTS, n -> DEAD);
      BenchLoad.send(beside.smtpPort(), bad / 100, CLIENTS, n -> TARPIT);
      System.out.printf(
          "%d mails for a dead site and %d for a tarpit are accepted, %.0f/s; RSS %d MB%n",
          bad, bad / 100, (bad + bad / 100) / seconds(start), beside.residentMegabytes());
      List<Double> ratios = new ArrayList<>();
      for (int round = 1; round <= ROUNDS; round++) {
        // The machine gets slower or faster meanwhile: they take turns in being first.
        boolean swapped = round % 2 == 0;
        double first = rate(swapped ? beside : alone, sinks, mails, swapped);
        double second = rate(swapped ? alone : beside, sinks, mails, !swapped);
        double a = swapped ? second : first;
        double b = swapped ? first : second;
        System.out.printf(
            "round %d: ten good sites alone %.0f/s, beside bad ones %.0f/s: %.2f%n",
            round, a, b, b / a);
        ratios.add(b / a);
      }
      System.out.printf(
          "ratio %.2f (median); connections to the tarpit: %d, %d open; RSS %d MB%n",
          ratios.stream().sorted().skip(ROUNDS / 2).findFirst().orElseThrow(),
          tarpit.connections(),
          tarpit.open(),
          beside.residentMegabytes());
    } finally {
      for (BenchSink each : sinks) {
        each.close();
      }
    }
  }

  /**
   * Of mails to good sites, from the first that is sent until the last has come; among them some
   * for bad sites.
   */
  private static double rate(
      BenchGateway gateway, List<BenchSink> sinks, int mails, boolean withBad) throws Exception {
    int before = come(sinks);
    int bad = withBad ? mails / 100 : 0;
    long start = System.nanoTime();
    BenchLoad.send(
        gateway.smtpPort(),
        mails + bad,
        CLIENTS,
        n -> n >= mails ? n % 2 == 0 ? DEAD : TARPIT : 1 + n % GOOD);
    while (come(sinks) < before + mails) {
      Thread.sleep(2);
    }
    return mails / seconds(start);
  }

  private static int come(List<BenchSink> sinks) {
    return sinks.stream().mapToInt(s -> s.messages.get()).sum();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
