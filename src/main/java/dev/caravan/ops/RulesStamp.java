package dev.caravan.ops;

import dev.caravan.camel.check.RoutesCheck;
import dev.caravan.settings.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the check of the rules depends on: the files, every key, and the program. A start remembers
 * in its data directory what it found right, for the next one to leave out that check, which is a
 * tenth of a start.
 */
final class RulesStamp {
  private static final Logger LOG = LoggerFactory.getLogger(RulesStamp.class);
  private static final String FILE = "rules.checked";
  private static final FileAttribute<?> OWNERS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path file;

  /** Empty when it is not known what the program is, as in a test: then nothing is remembered. */
  private final String digest;

  private RulesStamp(Path file, String digest) {
    this.file = file;
    this.digest = digest;
  }

  /** Of the rules as they are now; one that is never remembered when they can't be read. */
  static RulesStamp of(Settings settings) {
    Path file = settings.dataDir().resolve(FILE);
    try {
      return of(
          settings,
          file,
          Path.of(RoutesCheck.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
    } catch (URISyntaxException e) {
      return new RulesStamp(file, "");
    }
  }

  /**
   * The same.
   *
   * @param program the jar
   */
  static RulesStamp of(Settings settings, Path file, Path program) {
    try {
      return new RulesStamp(file, Files.isRegularFile(program) ? digest(settings, program) : "");
    } catch (IOException | GeneralSecurityException e) {
      LOG.debug("the rules are checked, for they can't be compared", e);
      return new RulesStamp(file, "");
    }
  }

  private static String digest(Settings settings, Path program)
      throws IOException, GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    add(digest, Runtime.version().toString());
    add(digest, program + " " + Files.size(program) + " " + Files.getLastModifiedTime(program));
    new TreeMap<>(settings.placeholders()).forEach((key, value) -> add(digest, key + "=" + value));
    try (Stream<Path> rules = Files.list(settings.routesDir())) {
      for (Path rule : rules.filter(p -> p.toString().endsWith(".xml")).sorted().toList()) {
        add(digest, rule.toString());
        add(digest, Files.readAllBytes(rule));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String text) {
    add(digest, text.getBytes(StandardCharsets.UTF_8));
  }

  /** With its length before it, so that no two lists are the same octets. */
  private static void add(MessageDigest digest, byte[] octets) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(octets.length).array());
    digest.update(octets);
  }

  /** Whether an earlier start found the same right. */
  boolean isRemembered() {
    try {
      return !digest.isEmpty()
          && Files.exists(file)
          && Files.readAllLines(file).equals(List.of(digest));
    } catch (IOException e) {
      LOG.debug("the rules are checked, for the last check can't be read", e);
      return false;
    }
  }

  /** For the next start. */
  void remember() {
    if (digest.isEmpty()) {
      return;
    }
    try {
      if (Files.notExists(file)) {
        // Passwords are in it, though nobody can read them there.
        Files.createFile(file, OWNERS);
      }
      Files.writeString(file, digest + "\n");
    } catch (IOException e) {
      LOG.debug("the next start checks the rules again", e);
    }
  }
}
