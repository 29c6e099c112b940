package dev.caravan.ops;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** What runs. */
final class Program {
  private Program() {}

  /** Its jar; in a test, where its classes are; no file where that is not known. */
  static Path path() {
    try {
      return Path.of(Program.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      return Path.of("");
    }
  }
}
