package dev.caravan.delivery.auth;

/**
 * What protects the connection that we log in over.
 *
 * @param encrypted nobody can listen
 * @param verified and the server is who it says it is
 * @param loopback it does not leave this machine
 */
public record Channel(boolean encrypted, boolean verified, boolean loopback) {
  /** Whether a secret may be said as it is: nobody else can read it here. */
  boolean keepsSecrets() {
    return encrypted || loopback;
  }

  /** Whether it can only be the right server that hears us. */
  boolean endsAtTheRightServer() {
    return verified || loopback;
  }
}
