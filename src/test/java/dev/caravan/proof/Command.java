package dev.caravan.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A command of this machine. */
final class Command {
  private Command() {}

  /** Gives what it printed; an exception when it failed. */
  static String run(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", List.of(words)) + ": " + out.strip());
    }
    return out;
  }

  /**
   * Gives each line that it prints to this listener, on a thread of its own, until it has ended.
   */
  static void hear(Process process, Consumer<String> listener) {
    Thread.startVirtualThread(
        () -> {
          try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
              listener.accept(line);
            }
          } catch (IOException e) {
            // it has ended
          }
        });
  }

  /** Of the first of these that is not there, that it is not. */
  static Optional<String> missing(String... names) {
    for (String name : names) {
      boolean found =
          List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin").stream()
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
      if (!found) {
        return Optional.of(name + " is not installed");
      }
    }
    return Optional.empty();
  }
}
