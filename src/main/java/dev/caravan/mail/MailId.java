package dev.caravan.mail;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * The name of a mail from {@code 250 2.0.0 Ok: queued as …} to its last outcome: 16 characters of
 * Crockford's base 32, the first ten of which are the time, so that names sort by age.
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

  @Override
  public String toString() {
    return value;
  }
}
