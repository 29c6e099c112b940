package dev.caravan.auth;

import java.util.Optional;

/** Users of whom each is known by a line such as those of the users file, wherever it is kept. */
abstract class UserLines implements Users {
  private final PasswordCheck passwords = new PasswordCheck();

  /**
   * The line of this user; empty when there is none.
   *
   * @throws UsersUnavailableException when nobody can say now
   */
  abstract Optional<UserLine> line(String name);

  @Override
  public Optional<Account> find(String name) {
    return line(name).map(UserLine::account);
  }

  @Override
  public boolean verify(String name, String password) {
    return passwords.matches(name, password, line(name).flatMap(UserLine::hash));
  }

  @Override
  public Optional<String> ofToken(String token) {
    return AppToken.name(token)
        .flatMap(this::line)
        .filter(line -> line.tokens().stream().anyMatch(word -> AppToken.matches(word, token)))
        .map(line -> line.account().name());
  }

  @Override
  public Optional<ScramKeys> scram(String name) {
    return line(name).flatMap(UserLine::scram);
  }

  @Override
  public Optional<String> secret(String name) {
    return line(name).flatMap(UserLine::secret);
  }
}
