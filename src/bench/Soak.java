import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Many mails with many failures through one gateway; see soak.sh. */
final class Soak {
  /** No mail comes for so long: what is missing will not come. */
  private static final long QUIET_NANOS_MAX = TimeUnit.MINUTES.toNanos(3);

  /** For what ends by itself when there is no mail: connections, lanes, their threads. */
  private static final long SETTLE_NANOS_MAX = TimeUnit.MINUTES.toNanos(3);

  /** Each request makes a thread for it until there are so many; our own are some of them. */
  private static final int HTTP_THREADS = 40;

  private static final int SETTLED_SAMPLES = 15;
  private static final int SAMPLE_MILLIS = 2_000;

  private final BenchGateway gateway;
  private final SoakLedger ledger;
  private final SoakClients clients;
  private final long start = System.nanoTime();

  private Soak(BenchGateway gateway, SoakLedger ledger, SoakClients clients) {
    this.gateway = gateway;
    this.ledger = ledger;
    this.clients = clients;
  }

  public static void main(String[] arguments) throws Exception {
    int mails = 1_000_000;
    int warmUp = 20_000;
    int every = 50_000;
    for (String argument : arguments) {
      String[] option = argument.split("=", 2);
      switch (option[0]) {
        case "mails" -> mails = Integer.parseInt(option[1]);
        case "warm-up" -> warmUp = Integer.parseInt(option[1]);
        case "every" -> every = Math.max(1, Integer.parseInt(option[1]));
        default -> {
          System.err.println("usage: soak.sh [mails=1000000] [warm-up=20000] [every=50000]");
          System.exit(2);
        }
      }
    }
    Path folder = Files.createTempDirectory("caravan-soak");
    String complaint;
    SoakLedger ledger = new SoakLedger();
    try (SoakSink sink = new SoakSink(ledger);
        BenchDns dns = new BenchDns()) {
      Map<String, String> keys = keys(folder);
      try (BenchGateway gateway = BenchGateway.start(dns, sink.port(), keys)) {
        SoakClients clients =
            new SoakClients(
                ledger,
                gateway.smtpPort(),
                Integer.parseInt(keys.get("broker.port")),
                10 + mails / 1_000);
        complaint = new Soak(gateway, ledger, clients).run(mails, warmUp, every);
      }
    } finally {
      BenchFiles.delete(folder);
    }
    System.out.println(complaint.isEmpty() ? "passed" : "failed: " + complaint);
    System.exit(complaint.isEmpty() ? 0 : 1);
  }

  /** Retries in seconds, and a client that waits 10 s for a server: a short run has them, too. */
  private static Map<String, String> keys(Path folder) throws Exception {
    Path routes = Files.createDirectory(folder.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of(System.getProperty("caravan.home"), "routes"))) {
      for (Path file : shipped.filter(Files::isRegularFile).toList()) {
        Files.writeString(
            routes.resolve(file.getFileName()),
            Files.readString(file)
                .replaceAll("(<property key=\"\\w+Timeout\" value=)\"\\w+\"", "$1\"10s\""));
      }
    }
    Path users = folder.resolve("users");
    BenchUsers.command(users, "secret", "add", "bench");
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("routes-dir", routes.toString());
    keys.put("users-file", users.toString());
    keys.put("retry.schedule", "2s,10s");
    keys.put("retry.greylist", "2s");
    keys.put("site.probe-interval", "2s");
    keys.put("site.lane-idle", "10s");
    keys.put("broker.port", Integer.toString(Peer.freePort()));
    return keys;
  }

  /** What is wrong, in words; empty = nothing. */
  private String run(int mails, int warmUp, int every) throws Exception {
    Path details = Path.of(System.getProperty("caravan.home"), "target", "soak");
    for (int sent = 0; sent < warmUp; ) {
      sent = Math.min(warmUp, sent + every);
      clients.send(sent);
    }
    String late = empty();
    if (!late.isEmpty()) {
      return "after the warm-up " + late;
    }
    for (int request = 0; request < HTTP_THREADS; request++) {
      SoakState.queued(gateway);
    }
    SoakState begin = settled();
    System.out.println("after the warm-up: " + begin);
    SoakState.details(gateway, details, "begin");
    for (int sent = warmUp; sent < warmUp + mails; ) {
      sent = Math.min(warmUp + mails, sent + every);
      clients.send(sent);
      progress();
    }
    late = empty();
    SoakState end = settled();
    SoakState.details(gateway, details, "end");
    System.out.println("at the end:        " + end);
    System.out.println("allowed:           " + begin.allowed().judged());
    System.out.println(ledger.account());
    System.out.println(clients.deeds());
    String lost = ledger.complaint();
    String more = end.more(begin.allowed());
    return Stream.of(late, lost, more.isEmpty() ? "" : more + " (see " + details + ")")
        .filter(each -> !each.isEmpty())
        .reduce((a, b) -> a + "; " + b)
        .orElse("");
  }

  private void progress() throws Exception {
    System.out.printf(
        "%s %5d s: %d accepted, %d delivered, %d bounced, %d waiting; %s%n",
        LocalTime.now().format(DateTimeFormatter.ofPattern("HH:mm:ss")),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        ledger.accepted(),
        ledger.delivered(),
        ledger.bounced(),
        SoakState.queued(gateway),
        SoakState.of(gateway));
  }

  /** Waits until nothing is in a queue; what is wrong, when something stays. */
  private String empty() throws Exception {
    long seen = ledger.arrivals();
    long since = System.nanoTime();
    int times = 0;
    while (System.nanoTime() - since < QUIET_NANOS_MAX) {
      times = SoakState.queued(gateway) == 0 ? times + 1 : 0;
      if (times == 2) {
        return "";
      }
      if (ledger.arrivals() > seen) {
        seen = ledger.arrivals();
        since = System.nanoTime();
      }
      Thread.sleep(500);
    }
    return "%d mails are still in the queues, and none comes out"
        .formatted(SoakState.queued(gateway));
  }

  /** The state when nothing has become less for a while. */
  private SoakState settled() throws Exception {
    SoakState state = SoakState.withoutHeap(gateway);
    long end = System.nanoTime() + SETTLE_NANOS_MAX;
    for (int same = 0; same < SETTLED_SAMPLES && System.nanoTime() < end; ) {
      Thread.sleep(SAMPLE_MILLIS);
      SoakState next = SoakState.withoutHeap(gateway);
      same = next.less(state) ? 0 : same + 1;
      state = next;
    }
    return SoakState.of(gateway);
  }
}
