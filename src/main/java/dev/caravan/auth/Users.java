package dev.caravan.auth;

import java.util.Optional;

/**
 * Where users are kept: a file, a database, a directory. Methods may block, and throw {@link
 * UsersUnavailableException} when the store can't be asked now. Safe for use by many threads.
 */
public interface Users {
  Optional<Account> find(String name);

  /** Whether this is the password; takes as long for a name that does not exist. */
  boolean verify(String name, String password);

  /** Whose token it is; empty for everything else, and where no tokens are kept. */
  default Optional<String> ofToken(String token) {
    return Optional.empty();
  }

  /** What SCRAM-SHA-256 needs; empty when it is not kept. */
  Optional<ScramKeys> scram(String name);

  /** The password itself, for CRAM-MD5; empty when it is not kept, as it should be. */
  Optional<String> secret(String name);

  /**
   * Whether {@link #scram} and {@link #secret} may have something: else only PLAIN and LOGIN work.
   */
  default boolean keepsKeys() {
    return true;
  }

  /** Whether there is nobody who could log in. Must not block. */
  boolean isEmpty();

  /** The store can't be asked now. */
  final class UsersUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsersUnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
