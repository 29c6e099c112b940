package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Finds the tools of others, and tells which one is missing. */
final class Tools {
  /** The distribution's own Python: another one does not see its packages. */
  static final String PYTHON = "/usr/bin/python3";

  private Tools() {}

  /** Goes on only when there is this program; gives its path. */
  static String need(String program, String debianPackage) {
    Stream<String> folders =
        Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(":")),
            Stream.of("/usr/sbin", "/usr/bin"));
    List<Path> found =
        folders.map(f -> Path.of(f, program)).filter(Files::isExecutable).limit(1).toList();
    need(!found.isEmpty(), program + " is not installed (package " + debianPackage + ")");
    return found.isEmpty() ? program : found.getFirst().toString();
  }

  /** Goes on only when Python has this module. */
  static void needModule(String module, String debianPackage) throws Exception {
    need(Files.isExecutable(Path.of(PYTHON)), PYTHON + " is not installed (package python3)");
    need(
        Run.command(PYTHON, "-c", "import " + module).exit() == 0,
        "Python has no module " + module + " (package " + debianPackage + ")");
  }

  /** Skips with this reason, or fails where everything has to run. */
  static void need(boolean there, String reason) {
    if (Boolean.getBoolean("caravan.interop.required")) {
      Assertions.assertTrue(there, reason);
    }
    Assumptions.assumeTrue(there, reason);
  }

  /** A script among the test's resources, as a file in this folder. */
  static Path script(String name, Path folder) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = Tools.class.getResourceAsStream("/interop/" + name)) {
      assertThat(in).as(name).isNotNull();
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  /** A command line, from pieces and lists of them. */
  static List<String> line(List<String> first, List<?> more) {
    List<String> all = new ArrayList<>(first);
    more.forEach(piece -> all.add(piece.toString()));
    return all;
  }
}
