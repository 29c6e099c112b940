package dev.caravan.proof;

import dev.caravan.proof.Injury.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where a gateway is injured, or several on one broker: the sink behind them, the load before them,
 * and the ledger of all mails.
 */
final class Ward implements AutoCloseable {
  private static final long SERVICE_SECONDS_MAX = 120;

  /** When nothing has come for so long, nothing more will. */
  private static final long QUIET_SECONDS_MAX = 45;

  private final Path folder;
  private final Ledger ledger = new Ledger();
  private final Sink sink = new Sink(ledger);
  private final List<Node> nodes = new ArrayList<>();
  private final List<AutoCloseable> toClose = new ArrayList<>();
  private List<String> domains = List.of("dest.example");
  private Optional<Wire> front = Optional.empty();
  private Optional<Brokers> brokers = Optional.empty();
  private Optional<Load> load = Optional.empty();

  Ward(Path folder) throws IOException {
    this.folder = folder;
    nodes.add(node(folder, "relay.example"));
  }

  private Node node(Path home, String hostname) throws IOException {
    Node node = new Node(home);
    Map.ofEntries(
            Map.entry("hostname", hostname),
            Map.entry("smtp.port", "0"),
            Map.entry("submission.port", "-1"),
            Map.entry("submissions.port", "-1"),
            Map.entry("broker.port", "0"),
            Map.entry("broker.disk-max", "99"),
            Map.entry("http.port", "0"),
            Map.entry("rate.user-messages", "0"),
            Map.entry("rate.user-recipients", "0"),
            Map.entry("log.level", "info"),
            Map.entry("delivery.mode", "smarthost"),
            Map.entry("smarthost.host", "127.0.0.1"),
            Map.entry("smarthost.port", Integer.toString(sink.port())),
            Map.entry("smarthost.step-back", "1s"),
            Map.entry("site.probe-interval", "1s"),
            Map.entry("retry.greylist", "0s"),
            Map.entry("retry.schedule", "1s,3s"))
        .forEach(node::key);
    return node;
  }

  /** Two gateways on brokers of their own processes, which start with them. */
  void two(Brokers.Kind kind) throws IOException {
    Brokers shared = with(Brokers.of(kind, folder.resolve("brokers")));
    brokers = Optional.of(shared);
    nodes.add(node(folder.resolve("second"), "second.example"));
    key("broker.url", shared.url());
    key("broker.user", Brokers.USER);
    key("broker.password", Brokers.PASSWORD);
  }

  /** A key of the gateways, without {@code caravan.}. */
  void key(String name, String value) {
    nodes.forEach(node -> node.key(name, value));
  }

  /** A variable of the gateways' environment. */
  void variable(String name, String value) {
    nodes.forEach(node -> node.variable(name, value));
  }

  /** Compiles this library and has it loaded before all others. Needs {@code cc}. */
  void preload(String source) throws IOException, InterruptedException {
    String library = folder.resolve(source + ".so").toString();
    String path = Path.of("src/test/resources/proof", source).toString();
    Command.run("cc", "-O2", "-shared", "-fPIC", "-o", library, path, "-ldl", "-lpthread");
    variable("LD_PRELOAD", library);
  }

  /** Ends it with the row. */
  <T extends AutoCloseable> T with(T other) {
    toClose.add(other);
    return other;
  }

  void domains(List<String> names) {
    domains = List.copyOf(names);
  }

  /** What senders over SMTP go through. */
  void front(Wire wire) {
    front = Optional.of(wire);
  }

  /**
   * Time-outs of the SMTP client that fit into a short run; routes of its own, otherwise as
   * shipped.
   */
  void impatient() throws IOException {
    Path routes = Files.createDirectories(folder.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        String text =
            Files.readString(file)
                .replaceAll("(<property key=\"\\w+Timeout\" value=)\"\\w+\"", "$1\"3s\"");
        Files.writeString(routes.resolve(file.getFileName()), text);
      }
    }
    key("routes-dir", routes.toString());
  }

  Path folder() {
    return folder;
  }

  Path data() {
    return first().data();
  }

  Sink sink() {
    return sink;
  }

  Ledger ledger() {
    return ledger;
  }

  /** The only one, or the first of two. */
  private Node first() {
    return nodes.getFirst();
  }

  Brokers brokers() {
    return brokers.orElseThrow();
  }

  List<Node> nodes() {
    return List.copyOf(nodes);
  }

  long pid() {
    return first().pid();
  }

  /** Times that it was started. */
  int starts() {
    return first().starts();
  }

  boolean isRunning() {
    return nodes.stream().allMatch(Node::isRunning);
  }

  /** Returns when mail is accepted. */
  void start() throws IOException, InterruptedException {
    if (brokers.isPresent()) {
      brokers.get().start();
    }
    for (Node node : nodes) {
      node.begin();
    }
    for (Node node : nodes) {
      node.awaitReady();
    }
  }

  /** Of a listener; 0 while there is none. */
  int port(String listener) {
    return first().port(listener);
  }

  /** Mail begins to flow, and has arrived when this returns. */
  void load() throws Exception {
    load = Optional.of(new Load(ledger, this::smtpPort, this::brokerUrl, domains));
    served(System.nanoTime());
  }

  /** Of any of the gateways, also of one that is gone: a client does not know it. */
  private int smtpPort() {
    Node any = nodes.get(ThreadLocalRandom.current().nextInt(nodes.size()));
    return front.map(Wire::port).orElseGet(() -> any.port("smtp"));
  }

  private String brokerUrl() throws IOException {
    return brokers.isPresent() ? brokers.get().urlWithUser() : first().brokerUrl();
  }

  /** Without a warning; gives the instant. */
  long kill() throws InterruptedException {
    return first().kill();
  }

  /** In order, as a service manager does; gives how it ended. */
  int terminate() throws InterruptedException {
    return first().terminate();
  }

  /** Starts it again when it has ended by itself, as a service manager does; whether it had. */
  boolean revive() throws IOException, InterruptedException {
    if (isRunning()) {
      return false;
    }
    start();
    return true;
  }

  /** Waits until a mail that was begun after this instant has arrived; gives the seconds since. */
  double served(long since) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SERVICE_SECONDS_MAX);
    while (System.nanoTime() - end < 0) {
      long served = ledger.servedAfter(since);
      if (served != 0) {
        return (served - since) / 1e9;
      }
      Thread.sleep(20);
    }
    throw new IOException(
        "no service " + SERVICE_SECONDS_MAX + " s after the healing:\n" + first().endOfLog());
  }

  /**
   * Waits until every mail that was accepted before this instant has arrived, and one that was
   * begun after it; gives the seconds since.
   */
  double recovered(long since) throws IOException, InterruptedException {
    double served = served(since);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SERVICE_SECONDS_MAX);
    while (ledger.missingOf(since) > 0 && System.nanoTime() - end < 0) {
      Thread.sleep(20);
    }
    return Math.max(served, (System.nanoTime() - since) / 1e9);
  }

  /** Ends the load, and waits until all has arrived that will. */
  void settle() throws Exception {
    if (load.isPresent()) {
      load.get().close();
    }
    long quietSince = System.nanoTime();
    int arrivals = ledger.arrivals();
    while (ledger.missing() > 0 || waiting() > 0) {
      Thread.sleep(100);
      if (ledger.arrivals() != arrivals) {
        arrivals = ledger.arrivals();
        quietSince = System.nanoTime();
      }
      if (System.nanoTime() - quietSince > TimeUnit.SECONDS.toNanos(QUIET_SECONDS_MAX)) {
        return;
      }
    }
  }

  private long waiting() throws InterruptedException {
    long waiting = 0;
    for (Node node : nodes) {
      waiting += node.waiting();
    }
    return waiting;
  }

  /** What became of all mails. */
  Row row(Injury injury, Done done) {
    return Row.of(injury, done, ledger, endedByItself());
  }

  private String endedByItself() {
    return isRunning() ? "" : "the gateway is not running";
  }

  @Override
  public void close() throws Exception {
    if (load.isPresent()) {
      load.get().close();
    }
    for (Node node : nodes) {
      if (node.isRunning()) {
        node.terminate();
      }
    }
    for (AutoCloseable each : toClose.reversed()) {
      each.close();
    }
    sink.close();
  }

  /** Removes a folder that is not needed any more. */
  static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** Removes the data folders of gateways and brokers below this one; logs stay. */
  static void removeQueues(Path folder) throws IOException {
    List<Path> found;
    try (Stream<Path> all = Files.walk(folder)) {
      found = all.filter(path -> path.endsWith("data")).toList();
    }
    for (Path data : found) {
      remove(data);
    }
  }
}
