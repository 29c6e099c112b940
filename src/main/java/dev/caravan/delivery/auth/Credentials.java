package dev.caravan.delivery.auth;

import java.util.List;
import java.util.Set;

/** Who we are for a server, and how we prove it. Each is equal to itself only. */
public sealed interface Credentials permits PasswordCredentials, TokenCredentials {
  String user();

  /**
   * Gets what takes time, so that no server has to wait for it.
   *
   * @throws AuthException when it can't be had now
   */
  void prepare() throws AuthException;

  /**
   * The mechanisms to use, the best first.
   *
   * @param offered in capitals
   */
  List<String> usable(Set<String> offered, Channel channel);

  /** Whether one of the offered ones could be used if only the connection were encrypted. */
  boolean needsTls(Set<String> offered);

  /**
   * Begins a login.
   *
   * @param mechanism one of {@link #usable}
   * @param host the server's name
   * @throws AuthException when the secret can't be had now
   */
  ClientMechanism begin(String mechanism, String host, int port) throws AuthException;

  /**
   * The server has refused this login.
   *
   * @return whether another try at once, with a fresh secret, may end better
   */
  boolean refused(ClientMechanism login);
}
