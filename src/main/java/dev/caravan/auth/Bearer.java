package dev.caravan.auth;

import java.util.Locale;
import java.util.Optional;

/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2, which came before it: an access token instead of a password.
 */
final class Bearer implements Mechanism {
  private static final String REFUSED =
      "{\"status\":\"invalid_token\",\"schemes\":\"bearer\",\"scope\":\"\"}";

  private final Tokens tokens;
  private final boolean standard;
  private boolean refused;

  /**
   * @param standard OAUTHBEARER; otherwise XOAUTH2
   */
  Bearer(Tokens tokens, boolean standard) {
    this.tokens = tokens;
    this.standard = standard;
  }

  @Override
  public Attempt next(Optional<byte[]> response) {
    if (response.isEmpty()) {
      return new Attempt.Challenge(new byte[0]);
    }
    if (refused) {
      return Attempt.FAILED; // it has only taken note
    }
    String text = Mechanism.text(response.get()).orElse("");
    Optional<String> claimed = standard ? authorizationId(text) : value(text, "user=");
    Optional<String> token =
        value(text, "auth=")
            .filter(v -> v.toLowerCase(Locale.ROOT).startsWith("bearer "))
            .map(v -> v.substring("bearer ".length()).strip());
    if (claimed.isEmpty() || token.isEmpty()) {
      return Attempt.FAILED;
    }
    Optional<String> user =
        tokens
            .user(token.get())
            .filter(u -> claimed.get().isEmpty() || claimed.get().equalsIgnoreCase(u));
    if (user.isEmpty()) {
      refused = true;
      return Attempt.challenge(REFUSED);
    }
    return new Attempt.Proven(user.get());
  }

  /** {@code n,a=user@example.com,}; the name may be missing, then the token tells. */
  private static Optional<String> authorizationId(String text) {
    if (!text.startsWith("n,") && !text.startsWith("y,")) {
      return Optional.empty();
    }
    int end = text.indexOf(',', 2);
    if (end < 0) {
      return Optional.empty();
    }
    String id = text.substring(2, end);
    return Optional.of(
        id.startsWith("a=") ? id.substring(2).replace("=2C", ",").replace("=3D", "=") : "");
  }

  private static Optional<String> value(String text, String key) {
    for (String pair : text.split("\u0001")) {
      if (pair.startsWith(key)) {
        return Optional.of(pair.substring(key.length()));
      }
    }
    return Optional.empty();
  }
}
