package dev.caravan.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Passwords against hashes; those that were right lately are remembered, as a keyed digest with
 * their hash, so that not each connection pays for Argon2.
 */
final class PasswordCheck {
  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int REMEMBERED_MAX = 10_000;
  private static final int KEY_OCTETS = 32;

  private final Passwords passwords = new Passwords();
  private final byte[] key = new byte[KEY_OCTETS];
  private final Cache<String, Boolean> right =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(REMEMBERED_MAX)
          .expireAfterWrite(REMEMBERED)
          .build();

  PasswordCheck() {
    new SecureRandom().nextBytes(key);
  }

  /**
   * Whether it is the password. Takes as long for nobody.
   *
   * @param hash of the user; empty for a name that does not exist
   */
  boolean matches(String name, String password, Optional<String> hash) {
    if (hash.isEmpty()) {
      passwords.waste(password);
      return false;
    }
    String remembered =
        HexFormat.of().formatHex(ScramKeys.hmac(key, hash.get() + '\0' + name + '\0' + password));
    if (right.getIfPresent(remembered) != null) {
      return true;
    }
    boolean matches = passwords.matches(password, hash.get());
    if (matches) {
      right.put(remembered, true);
    }
    return matches;
  }
}
