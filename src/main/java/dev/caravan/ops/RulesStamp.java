package dev.caravan.ops;

import dev.caravan.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
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
 * tenth of a start. Rules as the program was built with them are not even asked about: {@link
 * BuiltRules}.
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
    return of(settings, settings.dataDir().resolve(FILE), Program.path());
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
        add(digest, rule);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** With its length before it, so that no two lists are the same octets. */
  private static void add(MessageDigest digest, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    digest.update(length(octets.length));
    digest.update(octets);
  }

  /** In pieces: the check is what refuses one that is too long. */
  private static void add(MessageDigest digest, Path file) throws IOException {
    digest.update(length(Files.size(file)));
    try (DigestOutputStream octets =
        new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      long copied = Files.copy(file, octets);
      assert copied >= 0;
    }
  }

  private static byte[] length(long octets) {
    return ByteBuffer.allocate(Long.BYTES).putLong(octets).array();
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
