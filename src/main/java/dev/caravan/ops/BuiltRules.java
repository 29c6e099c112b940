package dev.caravan.ops;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules as the program was built with them, which its tests have checked: a start with no other
 * ones need not check them again, which is a fifth of it.
 */
final class BuiltRules {
  private static final Logger LOG = LoggerFactory.getLogger(BuiltRules.class);
  private static final String FOLDER = "routes/";
  private static final String SUFFIX = ".xml";

  private BuiltRules() {}

  /** Whether this folder has these rules, octet for octet, and no others. */
  static boolean areIn(Path folder) {
    return areIn(folder, Program.path());
  }

  /**
   * The same; {@code false} where it can't be known.
   *
   * @param program the jar
   */
  static boolean areIn(Path folder, Path program) {
    if (!Files.isRegularFile(program)) {
      return false;
    }
    try (ZipFile jar = new ZipFile(program.toFile())) {
      List<? extends ZipEntry> built =
          jar.stream()
              .filter(e -> e.getName().startsWith(FOLDER) && e.getName().endsWith(SUFFIX))
              .toList();
      Set<String> names =
          built.stream()
              .map(e -> e.getName().substring(FOLDER.length()))
              .collect(Collectors.toCollection(TreeSet::new));
      if (names.isEmpty() || !names.equals(rulesIn(folder))) {
        return false;
      }
      for (ZipEntry entry : built) {
        Path file = folder.resolve(entry.getName().substring(FOLDER.length()));
        if (Files.size(file) != entry.getSize() || !same(jar, entry, file)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      LOG.debug("the rules are checked, for they can't be compared", e);
      return false;
    }
  }

  private static Set<String> rulesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static boolean same(ZipFile jar, ZipEntry entry, Path file) throws IOException {
    try (InputStream built = jar.getInputStream(entry)) {
      return Arrays.equals(built.readAllBytes(), Files.readAllBytes(file));
    }
  }
}
