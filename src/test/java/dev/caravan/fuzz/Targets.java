package dev.caravan.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The fuzz targets and their seeds, as the folders in the test resources name them. */
final class Targets {
  private Targets() {}

  /** A class with {@code fuzzerTestOneInput}, and where its seeds are. */
  record Target(String className, Path seeds) {
    List<Path> seedFiles() {
      return list(seeds);
    }

    @Override
    public String toString() {
      return className.substring(className.lastIndexOf('.') + 1);
    }
  }

  static List<Target> all() {
    return list(folder()).stream()
        .filter(Files::isDirectory)
        .map(f -> new Target(String.valueOf(f.getFileName()), f))
        .toList();
  }

  static Path dictionary() {
    return folder().resolve("words.dict");
  }

  private static Path folder() {
    URL url = Targets.class.getResource("/fuzz");
    if (url == null) {
      throw new IllegalStateException("no seeds");
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
