package dev.caravan.delivery.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The refresh token that the endpoint gave in place of the one in the configuration, in a file that
 * only we may read. When the configuration has another one than then, that one counts.
 */
final class TokenFile {
  private static final int OCTETS_MAX = 128 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  TokenFile(Path file) {
    this.file = file;
  }

  /**
   * The token that has taken the place of this one.
   *
   * @throws AuthException when there is a file that can't be read
   */
  Optional<String> successorOf(String configured) throws AuthException {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > OCTETS_MAX) {
        throw new IOException("too long");
      }
      JsonNode read = JSON.readTree(Files.readString(file));
      String token = read.path("refresh_token").asText("");
      return token.isEmpty() || !read.path("instead_of").asText("").equals(hash(configured))
          ? Optional.empty()
          : Optional.of(token);
    } catch (IOException e) {
      // The message of a parser's exception may hold what it has read.
      throw new AuthException(
          "the refresh token in " + file + " can't be read: " + e.getClass().getSimpleName());
    }
  }

  /**
   * Keeps it, on disk when this returns.
   *
   * @param configured in whose place it is
   */
  void store(String token, String configured) throws IOException {
    byte[] text =
        JSON.writeValueAsBytes(Map.of("refresh_token", token, "instead_of", hash(configured)));
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path draft = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(draft, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
