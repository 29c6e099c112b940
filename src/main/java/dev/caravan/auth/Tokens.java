package dev.caravan.auth;

import java.util.Optional;

/** Checks access tokens. Safe for use by many threads. */
public interface Tokens {
  /** Whether tokens are taken at all. */
  boolean isOn();

  /**
   * Whose token it is. May block.
   *
   * @return empty when it is not valid
   * @throws Users.UsersUnavailableException when that can't be found out now
   */
  Optional<String> user(String token);
}
