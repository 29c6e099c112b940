package dev.caravan.auth;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users in memory, with passwords as they are. */
record MapUsers(Map<String, String> passwords, Map<String, ScramKeys> keys) implements Users {
  static MapUsers of(String name, String password) {
    return new MapUsers(
        Map.of(name, password), Map.of(name, ScramKeys.of(password, new byte[16], 4096)));
  }

  @Override
  public Optional<Account> find(String name) {
    return Optional.ofNullable(passwords.get(name))
        .map(p -> new Account(name, true, List.of(), 0, 0));
  }

  @Override
  public boolean verify(String name, String password) {
    return password.equals(passwords.get(name));
  }

  @Override
  public Optional<ScramKeys> scram(String name) {
    return Optional.ofNullable(keys.get(name));
  }

  @Override
  public Optional<String> secret(String name) {
    return Optional.ofNullable(passwords.get(name));
  }

  @Override
  public boolean isEmpty() {
    return passwords.isEmpty();
  }
}
