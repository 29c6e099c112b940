package dev.caravan.ops.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A gateway in a process of its own, with a data folder of its own, on free ports.
 *
 * @param readyAfter from its start until it could accept mail
 */
record Gateway(Process process, InetSocketAddress smtp, Duration readyAfter)
    implements AutoCloseable {
  private static final int STOP_SECONDS = 60;
  private static final Pattern SMTP = Pattern.compile(" smtp=\\S*?:(\\d+)");

  /**
   * Starts it and waits until it can accept mail.
   *
   * @param folder for its log
   * @param keys of the configuration
   * @param javaOptions more options for Java; may be empty
   */
  static Gateway start(Path home, Path folder, Map<String, String> keys, String javaOptions)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("caravan").toString(), "run"));
    keys.forEach((key, value) -> command.addAll(List.of("-P", key + "=" + value)));
    Path log = folder.resolve("log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().merge("CARAVAN_JAVA_OPTS", javaOptions, (a, b) -> a + " " + b);
    long start = System.nanoTime();
    Process process = builder.start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    while (line != null && !line.startsWith("caravan ready")) {
      line = out.readLine();
    }
    Matcher port = SMTP.matcher(line == null ? "" : line);
    if (!port.find()) {
      process.destroy();
      throw new IOException("the gateway did not start: " + tail(Files.readString(log)));
    }
    return new Gateway(
        process,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1))),
        Duration.ofNanos(System.nanoTime() - start));
  }

  private static String tail(String text) {
    String end = text.strip();
    return end.substring(Math.max(0, end.length() - 500));
  }

  @Override
  public void close() {
    process.destroy();
    await(process.toHandle());
  }

  /** Ends every process that we started, in order where that does not take too long. */
  static void endAll() {
    List<ProcessHandle> started = ProcessHandle.current().descendants().toList();
    started.forEach(ProcessHandle::destroy);
    started.forEach(Gateway::await);
  }

  /** Returns when it has ended; by force when it takes too long, or we are interrupted. */
  private static void await(ProcessHandle ending) {
    try {
      ending.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      ending.destroyForcibly();
      ending.onExit().join();
    } catch (InterruptedException e) {
      ending.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
