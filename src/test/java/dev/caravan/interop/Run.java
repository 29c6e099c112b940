package dev.caravan.interop;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a program did.
 *
 * @param output standard output and standard error, as they came
 */
record Run(int exit, String output) {
  /** A program that hangs must not hang the build. */
  private static final long SECONDS_MAX = 240;

  static Run command(String... command) throws Exception {
    return command(List.of(command));
  }

  /** Runs it with an empty standard input until it ends. */
  static Run command(List<String> command) throws Exception {
    Path output = Files.createTempFile("run", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command.getFirst() + " did not end");
      }
      return new Run(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    } finally {
      Files.delete(output);
    }
  }

  List<String> lines() {
    return output.lines().toList();
  }
}
