package dev.caravan.delivery.auth;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** LOGIN (draft-murchison-sasl-login): the name, then the password, whatever the prompts say. */
final class Login implements ClientMechanism {
  private final String user;
  private final String password;
  private int asked;

  Login(String user, String password) {
    this.user = user;
    this.password = password;
  }

  @Override
  public Optional<byte[]> first() {
    return Optional.empty();
  }

  @Override
  public byte[] answer(byte[] challenge) throws AuthException {
    asked++;
    return switch (asked) {
      case 1 -> user.getBytes(StandardCharsets.UTF_8);
      case 2 -> password.getBytes(StandardCharsets.UTF_8);
      default -> throw new AuthException("a third challenge to LOGIN");
    };
  }
}
