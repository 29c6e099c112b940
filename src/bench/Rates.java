import java.util.List;
import java.util.Map;

/** Rates and adaptive concurrency as a sink sees them; see rates.sh. */
final class Rates {
  private static final int CLIENTS = 10;

  public static void main(String[] arguments) throws Exception {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    try (BenchDns dns = new BenchDns();
        BenchSink sink = new BenchSink(1, 0)) {
      for (String rate : List.of("20/s", "100/s", "1200/min", "18000/h")) {
        rate(dns, sink, rate, seconds);
      }
      concurrency(dns, sink, 8, seconds / 2);
      adapt(dns, sink, 30);
    }
  }

  private static double perSecond(String rate) {
    String[] parts = rate.split("/");
    return Integer.parseInt(parts[0])
        / switch (parts[1]) {
          case "s" -> 1.0;
          case "min" -> 60.0;
          default -> 3600.0;
        };
  }

  /** Twice as much is offered at once; the first tenth of the time is a warm-up. */
  private static void rate(BenchDns dns, BenchSink sink, String rate, int seconds)
      throws Exception {
    sink.times.clear();
    try (BenchGateway gateway = BenchGateway.start(dns, sink.port(), Map.of("site.rate", rate))) {
      int mails = (int) (perSecond(rate) * seconds * 2) + 10;
      BenchLoad.send(gateway.smtpPort(), mails, CLIENTS, n -> 1);
      while (sink.times.isEmpty()) {
        Thread.sleep(5);
      }
      Thread.sleep(seconds * 1_000L);
      long[] times = sink.times.stream().mapToLong(Long::longValue).sorted().toArray();
      long from = times[0] + seconds * 100_000_000L;
      long to = times[times.length - 1];
      long[] counted =
          java.util.Arrays.stream(times).filter(at -> at >= from && at <= to).toArray();
      double measured = (counted.length - 1) / ((counted[counted.length - 1] - counted[0]) / 1e9);
      long most = 0;
      for (int i = 0, k = 0; i < counted.length; i++) {
        while (counted[i] - counted[k] >= 1_000_000_000L) {
          k++;
        }
        most = Math.max(most, i - k + 1);
      }
      System.out.printf(
          "rate %-9s at the sink %.2f/s over %d s, %+.1f %%; most in any second %d%n",
          rate, measured, seconds, 100 * (measured / perSecond(rate) - 1), most);
    }
  }

  /** Each mail takes 50 ms there. */
  private static void concurrency(BenchDns dns, BenchSink sink, int max, int seconds)
      throws Exception {
    sink.millis = 50;
    try (BenchGateway gateway =
        BenchGateway.start(dns, sink.port(), Map.of("site.concurrency", Integer.toString(max)))) {
      BenchLoad.send(gateway.smtpPort(), max * 20 * seconds, CLIENTS, n -> 1);
      int most = 0;
      for (int i = 0; i < seconds * 100; i++) {
        most = Math.max(most, sink.open());
        Thread.sleep(10);
      }
      System.out.printf("concurrency %d: at the sink at most %d connections%n", max, most);
    }
  }

  /** A healthy sink, then one that answers 421 to whoever comes while so many are connected. */
  private static void adapt(BenchDns dns, BenchSink sink, int seconds) throws Exception {
    sink.millis = 100;
    int bears = 6;
    try (BenchGateway gateway =
        BenchGateway.start(
            dns, sink.port(), Map.of("site.concurrency", "40", "site.probe-interval", "5s"))) {
      Thread load =
          Thread.startVirtualThread(
              () -> {
                try {
                  BenchLoad.send(gateway.smtpPort(), 400 * seconds, CLIENTS, n -> 1);
                } catch (Exception e) {
                  System.err.println("the load ended: " + e);
                }
              });
      curve("healthy, 40 at most", sink, seconds / 3);
      sink.greeting =
          open -> open > bears ? "421 4.3.2 Too many connections" : "220 sink.example ESMTP";
      sink.closeAll();
      curve("421 beyond " + bears, sink, seconds / 3);
      sink.greeting = open -> "220 sink.example ESMTP";
      curve("healthy again", sink, seconds / 3);
      load.interrupt();
    }
  }

  private static void curve(String name, BenchSink sink, int seconds) throws Exception {
    StringBuilder curve = new StringBuilder();
    for (int i = 0; i < seconds; i++) {
      int before = sink.messages.get();
      int most = 0;
      for (int k = 0; k < 20; k++) {
        most = Math.max(most, sink.open());
        Thread.sleep(50);
      }
      curve.append(" %d(%d/s)".formatted(most, sink.messages.get() - before));
    }
    System.out.printf("%s: connections (mails) in each second:%s%n", name, curve);
  }
}
