package dev.caravan.auth;

import java.util.Optional;

/** PLAIN (RFC 4616). Nobody may act for somebody else. */
final class Plain implements Mechanism {
  private final Users users;

  Plain(Users users) {
    this.users = users;
  }

  @Override
  public Attempt next(Optional<byte[]> response) {
    if (response.isEmpty()) {
      return new Attempt.Challenge(new byte[0]);
    }
    String[] parts = Mechanism.text(response.get()).orElse("").split("\0", -1);
    if (parts.length != 3 || parts[1].isEmpty() || parts[2].isEmpty()) {
      return Attempt.FAILED;
    }
    boolean itself = parts[0].isEmpty() || parts[0].equals(parts[1]);
    return itself && users.verify(parts[1], parts[2])
        ? new Attempt.Proven(parts[1])
        : Attempt.FAILED;
  }
}
