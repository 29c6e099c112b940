package dev.caravan.interop;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** smtp-sink on a free port of loopback; it writes each message into a file of its own. */
final class Sink implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final String LISTENING = "0A";

  private final Process process;
  private final Path dumps;
  private final int port;

  private Sink(Process process, Path dumps, int port) {
    this.process = process;
    this.dumps = dumps;
    this.port = port;
  }

  /** Starts it; the messages go to a new folder in this one. */
  static Sink start(Path folder) throws Exception {
    String program = Tools.need("smtp-sink", "postfix");
    Path dumps = Files.createDirectory(folder.resolve("sink"));
    // As root it has to become somebody else, who has to be able to write here.
    Files.setPosixFilePermissions(dumps, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<String> command = new ArrayList<>(List.of(program));
    if (System.getProperty("user.name", "").equals("root")) {
      command.addAll(List.of("-u", "nobody"));
    }
    command.addAll(List.of("-d", "m.", "127.0.0.1:0", "1000"));
    Process process =
        new ProcessBuilder(command)
            .directory(dumps.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sink.out").toFile())
            .start();
    try {
      return new Sink(process, dumps, port(process, folder.resolve("sink.out")));
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** smtp-sink does not tell its port; the system does. */
  private static int port(Process process, Path output) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      Optional<Integer> port = listening(Path.of("/proc", Long.toString(process.pid())));
      if (port.isPresent()) {
        return port.get();
      }
      Thread.sleep(PAUSE);
    }
    throw new AssertionError("smtp-sink does not listen: " + Files.readString(output));
  }

  private static Optional<Integer> listening(Path proc) throws IOException {
    List<String> sockets = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
      for (Path descriptor : descriptors.toList()) {
        String target = Files.readSymbolicLink(descriptor).toString();
        if (target.startsWith("socket:[")) {
          sockets.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    } catch (FileSystemException e) {
      return Optional.empty(); // it is just starting
    }
    // Columns of /proc/net/tcp: 1 the local address, 3 the state, 9 the socket.
    return Files.readAllLines(proc.resolve("net/tcp")).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(c -> c.length > 9 && c[3].equals(LISTENING) && sockets.contains(c[9]))
        .map(c -> Integer.parseInt(c[1].substring(c[1].indexOf(':') + 1), 16))
        .findFirst();
  }

  int port() {
    return port;
  }

  /** Waits until this many messages have begun to arrive. */
  void await(int messages, Duration patience) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (files().size() < messages) {
      if (System.nanoTime() > end) {
        throw new AssertionError(files().size() + " of " + messages + " messages came");
      }
      Thread.sleep(PAUSE);
    }
  }

  /** What came, in no order. Complete only when whoever sends has been stopped. */
  List<Dump> messages() throws Exception {
    List<Dump> all = new ArrayList<>();
    for (Path file : files()) {
      all.add(Dump.read(file));
    }
    return all;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(dumps)) {
      return all.toList();
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
