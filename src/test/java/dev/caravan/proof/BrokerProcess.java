package dev.caravan.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A {@link BrokerMain}, with the {@code broker.xml} that the documentation gives. */
final class BrokerProcess {
  private static final Path DOCUMENTED = Path.of("src/docs/nodes");
  private static final String PLACE_OF_PIECE = "<!-- (of a pair: shared-store-*.xml) -->";
  private static final long ACTIVE_SECONDS_MAX = 60;

  private final Path folder;
  private final String piece;
  private final int port;
  private final int otherPort;
  private Path data;
  private Optional<Process> process = Optional.empty();
  private volatile boolean active;
  private volatile boolean backed;

  /**
   * @param piece what makes it one of a pair; empty = it is alone
   * @param otherPort of the other one
   */
  BrokerProcess(Path folder, String piece, int port, int otherPort) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.piece = piece;
    this.port = port;
    this.otherPort = otherPort;
    this.data = folder.resolve("data");
  }

  /** Its messages are here. */
  BrokerProcess on(Path store) {
    data = store;
    return this;
  }

  int port() {
    return port;
  }

  /** Whether it serves. */
  boolean isActive() {
    return active && process.isPresent() && process.get().isAlive();
  }

  /** Waits for nothing. */
  void start() throws IOException {
    Path xml = folder.resolve("broker.xml");
    String text = Files.readString(DOCUMENTED.resolve("broker.xml"));
    if (!piece.isEmpty()) {
      text = text.replace(PLACE_OF_PIECE, Files.readString(DOCUMENTED.resolve(piece + ".xml")));
    }
    Files.writeString(xml, text);
    active = false;
    backed = false;
    Process now =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "--sun-misc-unsafe-memory-access=allow",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dbroker.name=" + folder.getFileName(),
                    "-Dbroker.data=" + data,
                    "-Dbroker.host=127.0.0.1",
                    "-Dbroker.port=" + port,
                    "-Dother.host=127.0.0.1",
                    "-Dother.port=" + otherPort,
                    "-Dcluster.password=between-us",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    BrokerMain.class.getName(),
                    xml.toString()))
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    process = Optional.of(now);
    Command.hear(
        now,
        line -> {
          if (process.filter(p -> p == now).isPresent()) {
            hear(line);
          }
        });
  }

  private void hear(String line) {
    switch (line) {
      case "active" -> active = true;
      case "backed" -> backed = true;
      case "alone" -> backed = false;
      default -> {}
    }
  }

  /** Returns when it serves. */
  void awaitActive() throws IOException, InterruptedException {
    await(this::isActive, "did not begin to serve");
  }

  /** Returns when it serves and knows one that stands by. */
  void awaitBacked() throws IOException, InterruptedException {
    await(() -> isActive() && backed, "has none that stands by");
  }

  private void await(BooleanSupplier state, String otherwise)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ACTIVE_SECONDS_MAX);
    while (!state.getAsBoolean()) {
      if (System.nanoTime() - end > 0 || !process.orElseThrow().isAlive()) {
        throw new IOException("the broker " + folder.getFileName() + " " + otherwise);
      }
      Thread.sleep(5);
    }
  }

  /** Without a warning; gives the instant. */
  long kill() throws InterruptedException {
    long instant = System.nanoTime();
    if (process.isPresent()) {
      process.get().destroyForcibly().waitFor();
    }
    return instant;
  }
}
