package dev.caravan.delivery.auth;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A password or the like: {@code file:/run/secrets/x} is the content of a file without the line end
 * at its end, {@code env:NAME} a variable of the environment, anything else the secret itself. A
 * file is read whenever it is needed, so a new secret counts at once.
 */
public final class Secret {
  private static final int OCTETS_MAX = 64 * 1024;
  private static final String FILE = "file:";
  private static final String ENVIRONMENT = "env:";

  private final String source;
  private final Map<String, String> environment;

  private Secret(String source, Map<String, String> environment) {
    this.source = source;
    this.environment = environment;
  }

  /**
   * Reads nothing yet.
   *
   * @throws IllegalArgumentException when it is empty, or names no file or no variable
   */
  public static Secret of(String source) {
    return of(source, System.getenv());
  }

  static Secret of(String source, Map<String, String> environment) {
    boolean nameless =
        source.equals(FILE)
            || source.startsWith(ENVIRONMENT)
                && !source.substring(ENVIRONMENT.length()).matches("[A-Za-z_][A-Za-z0-9_]*");
    if (source.isEmpty() || nameless || source.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a secret is written file:PATH, env:NAME, or as it is; it can't be empty");
    }
    return new Secret(source, environment);
  }

  /**
   * The secret as it is now; never empty.
   *
   * @throws AuthException naming the file or the variable that can't be read
   */
  public String value() throws AuthException {
    if (source.startsWith(FILE)) {
      return content(Path.of(source.substring(FILE.length())));
    }
    if (source.startsWith(ENVIRONMENT)) {
      String name = source.substring(ENVIRONMENT.length());
      String value = environment.getOrDefault(name, "");
      if (value.isEmpty()) {
        throw new AuthException("the secret env:" + name + " is not set");
      }
      return value;
    }
    return source;
  }

  private static String content(Path file) throws AuthException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] octets = in.readNBytes(OCTETS_MAX + 1);
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(octets))
              .toString()
              .replaceFirst("\\r?\\n\\z", "");
      if (octets.length > OCTETS_MAX || text.isEmpty() || text.indexOf('\0') >= 0) {
        throw new AuthException("the secret file:" + file + " is empty, too long or no text");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new AuthException("the secret file:" + file + " is no UTF-8");
    } catch (IOException e) {
      // The exception's message is the file's name, or what the system says of it.
      throw new AuthException(
          "the secret file:" + file + " can't be read: " + e.getClass().getSimpleName());
    }
  }

  /** Where it is; never what it is. */
  @Override
  public String toString() {
    return source.startsWith(FILE) || source.startsWith(ENVIRONMENT) ? source : "****";
  }
}
