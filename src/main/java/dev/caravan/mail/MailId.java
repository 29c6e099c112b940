package dev.caravan.mail;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * The name of a mail from {@code 250 2.0.0 Ok: queued as …} to its last outcome: 16 characters of
 * Crockford's base 32, the first ten of which are the time, so that names sort by age. A mail that
 * an application gave a key has another one, {@link #ofWords}.
 */
public record MailId(String value) {
  private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int MAX_LENGTH = 64;

  /**
   * @throws IllegalArgumentException unless 1 to 64 letters, digits, dots, underscores or hyphens
   */
  public MailId {
    if (value.isEmpty() || value.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a mail id has 1 to 64 characters");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean ok =
          c >= '0' && c <= '9'
              || c >= 'A' && c <= 'Z'
              || c >= 'a' && c <= 'z'
              || c == '-'
              || c == '_'
              || c == '.';
      if (!ok) {
        throw new IllegalArgumentException("a mail id has only letters, digits, '.', '_' and '-'");
      }
    }
  }

  /** A new name: 50 bits of milliseconds, 30 bits of chance. */
  public static MailId next(InstantSource clock, RandomGenerator random) {
    char[] id = new char[16];
    long millis = clock.millis();
    for (int i = 9; i >= 0; i--) {
      id[i] = ALPHABET[(int) (millis & 31)];
      millis >>>= 5;
    }
    int chance = random.nextInt();
    for (int i = 10; i < 16; i++) {
      id[i] = ALPHABET[chance & 31];
      chance >>>= 5;
    }
    return new MailId(new String(id));
  }

  /**
   * The name that is always the same for the same words: {@code K} and 20 characters, 100 bits of
   * their SHA-256. It tells no age.
   */
  public static MailId ofWords(String... words) {
    byte[] hash = sha256(String.join("\0", words));
    char[] id = new char[21];
    id[0] = 'K';
    for (int i = 0; i < 20; i++) {
      int bit = i * 5;
      int two = (hash[bit / 8] & 0xFF) << 8 | hash[bit / 8 + 1] & 0xFF;
      id[i + 1] = ALPHABET[two >>> (11 - bit % 8) & 31];
    }
    return new MailId(new String(id));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
