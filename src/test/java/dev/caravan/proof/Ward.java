package dev.caravan.proof;

import dev.caravan.proof.Injury.Done;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a gateway is injured: its folder, its process ({@code ./caravan run}, as an operator starts
 * it), the sink behind it, the load before it, and the ledger of all mails.
 */
final class Ward implements AutoCloseable {
  private static final long READY_SECONDS_MAX = 120;
  private static final long SERVICE_SECONDS_MAX = 120;

  /** When nothing has come for so long, nothing more will. */
  private static final long QUIET_SECONDS_MAX = 45;

  private final Path folder;
  private final Ledger ledger = new Ledger();
  private final Sink sink = new Sink(ledger);
  private final Map<String, String> keys = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final List<AutoCloseable> toClose = new ArrayList<>();
  private List<String> domains = List.of("dest.example");
  private Optional<Wire> front = Optional.empty();
  private Optional<Process> process = Optional.empty();
  private Optional<Load> load = Optional.empty();
  private volatile String ready = "";
  private int starts;

  Ward(Path folder) throws IOException {
    this.folder = folder;
    Map.ofEntries(
            Map.entry("hostname", "relay.example"),
            Map.entry("data-dir", folder.resolve("data").toString()),
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
        .forEach(this::key);
    Files.createDirectories(data());
  }

  /** A key of the gateway, without {@code caravan.}. */
  void key(String name, String value) {
    keys.put("caravan." + name, value);
  }

  /** A variable of the gateway's environment. */
  void variable(String name, String value) {
    environment.put(name, value);
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
    return folder.resolve("data");
  }

  Sink sink() {
    return sink;
  }

  Ledger ledger() {
    return ledger;
  }

  long pid() {
    return process.orElseThrow().pid();
  }

  /** Times that it was started. */
  int starts() {
    return starts;
  }

  boolean isRunning() {
    return process.isPresent() && process.get().isAlive();
  }

  /** Returns when it accepts mail. */
  void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Path.of("caravan").toAbsolutePath().toString()));
    command.add("run");
    keys.forEach((key, value) -> command.addAll(List.of("-P", key + "=" + value)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CARAVAN_HEAP", "384m");
    builder.environment().putAll(environment);
    Process now =
        builder
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    starts++;
    process = Optional.of(now);
    ready = "";
    Thread reader = Thread.startVirtualThread(() -> read(now));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    while (ready.isEmpty()) {
      if (!reader.isAlive() || !now.isAlive() || System.nanoTime() - end > 0) {
        throw new IOException("the gateway did not get ready:\n" + endOfLog());
      }
      Thread.sleep(5);
    }
  }

  private void read(Process from) {
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("caravan ready ")) {
          ready = line;
        }
      }
    } catch (IOException e) {
      // it has ended
    }
  }

  private String endOfLog() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("log"), StandardCharsets.ISO_8859_1);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** Of a listener; 0 while there is none. */
  int port(String listener) {
    Matcher address = Pattern.compile(" " + listener + "=\\S*:(\\d+)").matcher(ready);
    return address.find() ? Integer.parseInt(address.group(1)) : 0;
  }

  /** Mail begins to flow, and has arrived when this returns. */
  void load() throws Exception {
    load =
        Optional.of(
            new Load(
                ledger,
                () -> front.map(Wire::port).orElseGet(() -> port("smtp")),
                this::brokerUrl,
                domains));
    served(System.nanoTime());
  }

  private String brokerUrl() throws IOException {
    if (port("broker") == 0) {
      return "";
    }
    Matcher credentials =
        Pattern.compile("user=(\\S+)\\s+password=(\\S+)")
            .matcher(Files.readString(data().resolve("broker.credentials")));
    return credentials.find()
        ? "tcp://127.0.0.1:%d?user=%s&password=%s&callTimeout=20000"
            .formatted(port("broker"), credentials.group(1), credentials.group(2))
        : "";
  }

  /** Without a warning; gives the instant. */
  long kill() throws InterruptedException {
    long instant = System.nanoTime();
    process.orElseThrow().destroyForcibly().waitFor();
    return instant;
  }

  /** In order, as a service manager does; gives how it ended. */
  int terminate() throws InterruptedException {
    Process now = process.orElseThrow();
    now.destroy();
    if (!now.waitFor(60, TimeUnit.SECONDS)) {
      now.destroyForcibly().waitFor();
    }
    return now.exitValue();
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
        "no service " + SERVICE_SECONDS_MAX + " s after the healing:\n" + endOfLog());
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

  /** Mails that are on their way through the queues; dead, rejected and kept ones are not. */
  private long waiting() throws InterruptedException {
    Pattern count = Pattern.compile("caravan_queue_messages\\{queue=\"([^\"]+)\"} (\\S+)");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("http") + "/metrics"))
            .timeout(java.time.Duration.ofSeconds(10))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return count
          .matcher(http.send(request, BodyHandlers.ofString()).body())
          .results()
          .filter(m -> m.group(1).matches("mail\\.(out|retry|submit|fanout).*"))
          .mapToLong(m -> (long) Double.parseDouble(m.group(2)))
          .sum();
    } catch (IOException e) {
      return 1;
    }
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
    if (isRunning()) {
      terminate();
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
}
