package dev.caravan.delivery.auth;

import java.util.Optional;

/** The client's side of one login. Used once, by one thread. */
public interface ClientMechanism {
  /** What is said with the name of the mechanism; empty where the server begins. */
  Optional<byte[]> first();

  /**
   * The answer to a challenge of the server.
   *
   * @throws AuthException when it can't be answered: the login is to be cancelled
   */
  byte[] answer(byte[] challenge) throws AuthException;

  /**
   * The server says that we are logged in.
   *
   * @throws AuthException when it had to prove something and has not
   */
  default void succeeded() throws AuthException {}

  /** What the server told in a challenge of what is wrong, for people; may be empty. */
  default String complaint() {
    return "";
  }
}
