package dev.caravan.delivery.auth;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** PLAIN (RFC 4616): name and password as they are. */
final class Plain implements ClientMechanism {
  private final byte[] message;

  Plain(String user, String password) {
    message = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Optional<byte[]> first() {
    return Optional.of(message.clone());
  }

  @Override
  public byte[] answer(byte[] challenge) throws AuthException {
    throw new AuthException("a second challenge to PLAIN");
  }
}
