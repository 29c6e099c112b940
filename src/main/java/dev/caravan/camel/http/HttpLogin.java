package dev.caravan.camel.http;

import dev.caravan.auth.Account;
import dev.caravan.auth.LoginGuard;
import dev.caravan.auth.Tokens;
import dev.caravan.auth.Users;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Who asks: by a token of a user ({@code Bearer}), one of an identity provider, or the user's name
 * and password ({@code Basic}). Passwords that are wrong are counted as at the other doors, except
 * for those that come by way of this machine, where a proxy stands for everybody.
 */
public final class HttpLogin {
  private final Users users;
  private final Tokens tokens;
  private final LoginGuard guard;

  public HttpLogin(Users users, Tokens tokens, LoginGuard guard) {
    this.users = users;
    this.tokens = tokens;
    this.guard = guard;
  }

  /** Nobody who may. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    RefusedException(int status, String code, String sentence) {
      super(sentence);
      problem = Problem.of(status, code, sentence);
    }

    public Problem problem() {
      return problem;
    }
  }

  /**
   * The user's name.
   *
   * @throws RefusedException when it is none that may log in
   * @throws Users.UsersUnavailableException when that can't be known now
   */
  public String user(HttpServerRequest request) throws RefusedException {
    String given = Optional.ofNullable(request.getHeader("Authorization")).orElse("").strip();
    int space = given.indexOf(' ');
    String scheme = (space < 0 ? given : given.substring(0, space)).toLowerCase(Locale.ROOT);
    String value = space < 0 ? "" : given.substring(space + 1).strip();
    Optional<String> name =
        switch (scheme) {
          case "bearer" -> ofToken(value);
          case "basic" -> ofPassword(value, peer(request));
          case "" ->
              throw new RefusedException(401, "5.7.0", "a token, or a user's password, is needed");
          default -> Optional.empty();
        };
    return name.filter(known -> users.find(known).filter(Account::enabled).isPresent())
        .orElseThrow(
            () -> new RefusedException(401, "5.7.8", "the token or password is not known"));
  }

  private Optional<String> ofToken(String token) {
    Optional<String> own = users.ofToken(token);
    return own.isPresent() || !tokens.isOn() ? own : tokens.user(token);
  }

  private Optional<String> ofPassword(String base64, Optional<InetAddress> peer)
      throws RefusedException {
    if (peer.filter(guard::isBlocked).isPresent()) {
      throw new RefusedException(429, "4.7.0", "too many passwords from there were wrong");
    }
    Optional<String> name = ofPassword(base64);
    if (peer.isPresent()) {
      if (name.isPresent()) {
        guard.succeeded(peer.get());
      } else {
        guard.failed(peer.get());
      }
    }
    return name;
  }

  private Optional<String> ofPassword(String base64) {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String name = pair.substring(0, colon);
    return users.verify(name, pair.substring(colon + 1)) ? Optional.of(name) : Optional.empty();
  }

  /** Whom failures are counted for. */
  private static Optional<InetAddress> peer(HttpServerRequest request) {
    return Optional.ofNullable(request.remoteAddress())
        .filter(address -> address.hostAddress() != null)
        .map(address -> InetAddress.ofLiteral(address.hostAddress()))
        .filter(address -> !address.isLoopbackAddress());
  }
}
