package dev.caravan.camel.broker;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Properties;

/** User and password of the broker's listener. */
public record Credentials(String user, String password) {
  private static final int PASSWORD_OCTETS = 18;

  /** A password nobody knows, for connections inside this process. */
  static Credentials random(String user) {
    byte[] secret = new byte[PASSWORD_OCTETS];
    new SecureRandom().nextBytes(secret);
    return new Credentials(user, HexFormat.of().formatHex(secret));
  }

  /**
   * Reads the file, or makes it with a new password, readable by its owner only.
   *
   * @throws IOException when the file can't be read or made, or lacks {@code user} or {@code
   *     password}
   */
  static Credentials readOrCreate(Path file) throws IOException {
    if (Files.notExists(file)) {
      Credentials made = random("caravan");
      Path draft = file.resolveSibling(file.getFileName() + ".tmp");
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          draft,
          "user=" + made.user + "\npassword=" + made.password + "\n",
          StandardOpenOption.WRITE,
          StandardOpenOption.SYNC);
      Files.move(draft, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      return made;
    }
    Properties read = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      read.load(in);
    }
    String user = read.getProperty("user", "");
    String password = read.getProperty("password", "");
    if (user.isEmpty() || password.isEmpty()) {
      throw new IOException(
          file + " must have the lines user=… and password=…; delete it to have a new one made");
    }
    return new Credentials(user, password);
  }

  @Override
  public String toString() {
    return "Credentials[" + user + "]";
  }
}
