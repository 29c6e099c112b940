package dev.caravan.delivery.auth;

/**
 * We can't log in now: a secret can't be read, there is no token, or the server did not prove who
 * it is. The message is for people and holds no secret.
 */
public final class AuthException extends Exception {
  private static final long serialVersionUID = 1L;

  AuthException(String message) {
    super(message, null, false, false);
  }
}
