package dev.caravan.proof;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One gateway: its folder and its process, {@code ./caravan run}, as an operator starts it. */
final class Node {
  private static final long READY_SECONDS_MAX = 120;

  private final Path folder;
  private final Map<String, String> keys = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private Optional<Process> process = Optional.empty();
  private volatile String ready = "";
  private int starts;

  Node(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(data());
    key("data-dir", data().toString());
  }

  /** A key, without {@code caravan.}. */
  void key(String name, String value) {
    keys.put("caravan." + name, value);
  }

  /** What it calls itself to other servers. */
  String hostname() {
    return keys.getOrDefault("caravan.hostname", "");
  }

  /** A variable of its environment. */
  void variable(String name, String value) {
    environment.put(name, value);
  }

  Path data() {
    return folder.resolve("data");
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
    begin();
    awaitReady();
  }

  /** Starts it, and waits for nothing. */
  void begin() throws IOException {
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
    Command.hear(
        now,
        line -> {
          if (line.startsWith("caravan ready ")) {
            ready = line;
          }
        });
  }

  /** Returns when it accepts mail. */
  void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    while (ready.isEmpty()) {
      if (!isRunning() || System.nanoTime() - end > 0) {
        throw new IOException("the gateway did not get ready:\n" + endOfLog());
      }
      Thread.sleep(5);
    }
  }

  String endOfLog() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("log"), StandardCharsets.ISO_8859_1);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** Of a listener; 0 while there is none. */
  int port(String listener) {
    Matcher address = Pattern.compile(" " + listener + "=\\S*:(\\d+)").matcher(ready);
    return address.find() ? Integer.parseInt(address.group(1)) : 0;
  }

  /** Of the broker within it; empty while there is none. */
  String brokerUrl() throws IOException {
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

  /** Mails that are on their way through the queues; dead, rejected and kept ones are not. */
  long waiting() throws InterruptedException {
    Pattern count = Pattern.compile("caravan_queue_messages\\{queue=\"([^\"]+)\"} (\\S+)");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("http") + "/metrics"))
            .timeout(Duration.ofSeconds(10))
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
}
