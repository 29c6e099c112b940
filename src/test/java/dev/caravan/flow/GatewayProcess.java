package dev.caravan.flow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gateway in a process of its own: {@code caravan run} without the launcher. */
public final class GatewayProcess implements AutoCloseable {
  private final Process process;
  private final String ready;

  private GatewayProcess(Process process, String ready) {
    this.process = process;
    this.ready = ready;
  }

  /**
   * Returns when it accepts mail, on free ports where the options name none.
   *
   * @param data its data folder; what it logs is there too
   * @throws IOException when it ended before
   */
  public static GatewayProcess start(Path data, Map<String, String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dcaravan.home=" + Path.of("").toAbsolutePath(),
            "-cp",
            System.getProperty("java.class.path"),
            "dev.caravan.Caravan",
            "run"));
    Map<String, String> all = new HashMap<>();
    all.put("caravan.data-dir", data.toString());
    all.put("caravan.hostname", "relay.example");
    all.put("caravan.smtp.port", "0");
    all.put("caravan.broker.port", "-1");
    all.put("caravan.broker.disk-max", "100");
    all.put("caravan.http.port", "-1");
    all.putAll(options);
    all.forEach(
        (key, value) -> {
          command.add("-P");
          command.add(key + "=" + value);
        });
    Path log = data.resolve("gateway.log");
    ProcessBuilder builder = new ProcessBuilder(command);
    // What -P says comes before the environment, also for what the routes read.
    builder.environment().put("CARAVAN_SMTP_PORT", "1");
    Process process = builder.redirectError(log.toFile()).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("caravan ready ")) {
        return new GatewayProcess(process, line);
      }
    }
    throw new IOException("the gateway ended before it was ready:\n" + Files.readString(log));
  }

  /** Where the listener of this name is. */
  public int port(String listener) {
    Matcher address = Pattern.compile(" " + listener + "=\\S*:(\\d+)").matcher(ready);
    if (!address.find()) {
      throw new AssertionError("no listener " + listener + " in: " + ready);
    }
    return Integer.parseInt(address.group(1));
  }

  /** Without a warning, as by {@code kill -9}; returns when it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it in order (SIGTERM), or by force when that takes too long. */
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      kill();
      throw new AssertionError("the gateway did not end");
    }
  }
}
