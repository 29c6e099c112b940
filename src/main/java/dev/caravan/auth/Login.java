package dev.caravan.auth;

import java.util.Optional;

/** LOGIN, which no RFC describes and every old device speaks: a name, then a password. */
final class Login implements Mechanism {
  private final Users users;
  private Optional<String> name = Optional.empty();

  Login(Users users) {
    this.users = users;
  }

  @Override
  public Attempt next(Optional<byte[]> response) {
    if (response.isEmpty()) {
      return Attempt.challenge("Username:");
    }
    Optional<String> text = Mechanism.text(response.get()).filter(t -> !t.isEmpty());
    if (text.isEmpty()) {
      return Attempt.FAILED;
    }
    if (name.isEmpty()) {
      name = text;
      return Attempt.challenge("Password:");
    }
    return users.verify(name.get(), text.get()) ? new Attempt.Proven(name.get()) : Attempt.FAILED;
  }
}
