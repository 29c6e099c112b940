import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What good sites lose by bad ones; see fair.sh. */
final class Fair {
  private static final int GOOD = 10;
  private static final int DEAD = 100;
  private static final int TARPIT = 101;
  private static final int ROUNDS = 5;
  private static final int CLIENTS = 20;

  public static void main(String[] arguments) throws Exception {
    int bad = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    int mails = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    List<BenchSink> sinks = new ArrayList<>();
    BenchSink first = new BenchSink(1, 0);
    sinks.add(first);
    for (int site = 2; site <= GOOD; site++) {
      sinks.add(new BenchSink(site, first.port()));
    }
    try (BenchDns dns = new BenchDns();
        BenchSink tarpit = new BenchSink(TARPIT, first.port());
        BenchGateway alone = BenchGateway.start(dns, first.port(), Map.of());
        BenchGateway beside = BenchGateway.start(dns, first.port(), Map.of())) {
      tarpit.octetMillis = 1_000;
      // Java is slow at first: each has accepted as many when the rounds begin.
      rate(alone, sinks, mails + bad, false);
      rate(beside, sinks, mails, false);
      long start = System.nanoTime();
      BenchLoad.send(beside.smtpPort(), bad, CLIENTS, n -> DEAD);
      BenchLoad.send(beside.smtpPort(), bad / 100, CLIENTS, n -> TARPIT);
      System.out.printf(
          "%d mails for a dead site and %d for a tarpit are accepted, %.0f/s; RSS %d MB%n",
          bad, bad / 100, (bad + bad / 100) / seconds(start), beside.residentMegabytes());
      List<Double> ratios = new ArrayList<>();
      for (int round = 1; round <= ROUNDS; round++) {
        double a = rate(alone, sinks, mails, false);
        double b = rate(beside, sinks, mails, true);
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
      for (BenchSink sink : sinks) {
        sink.close();
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
    return sinks.stream().mapToInt(sink -> sink.messages.get()).sum();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
