package dev.caravan.delivery.auth;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** A name and an access token. */
public final class TokenCredentials implements Credentials {
  private static final List<String> ALL = List.of("OAUTHBEARER", "XOAUTH2");

  private final String user;
  private final OAuth tokens;
  private final List<String> mechanisms;
  private final boolean clearTextPasswords;

  /**
   * @param mechanisms that may be used, in this order; empty = both
   * @param clearTextPasswords whether the token may be read by all who see the connection
   */
  public TokenCredentials(
      String user, OAuth tokens, List<String> mechanisms, boolean clearTextPasswords) {
    this.user = Names.user(user);
    this.tokens = tokens;
    this.mechanisms = Names.mechanisms(mechanisms, ALL, "an access token is for the mechanisms ");
    this.clearTextPasswords = clearTextPasswords;
  }

  @Override
  public String user() {
    return user;
  }

  @Override
  public void prepare() throws AuthException {
    String token = tokens.token();
    assert !token.isEmpty();
  }

  @Override
  public List<String> usable(Set<String> offered, Channel channel) {
    boolean safe = channel.keepsSecrets() || clearTextPasswords;
    return wanted(offered).filter(m -> safe).toList();
  }

  private Stream<String> wanted(Set<String> offered) {
    return (mechanisms.isEmpty() ? ALL : mechanisms).stream().filter(offered::contains);
  }

  @Override
  public boolean needsTls(Set<String> offered) {
    return wanted(offered).findAny().isPresent();
  }

  @Override
  public ClientMechanism begin(String mechanism, String host, int port) throws AuthException {
    String token = tokens.token();
    return switch (mechanism.toUpperCase(Locale.ROOT)) {
      case "OAUTHBEARER" -> Bearer.standard(user, token, host, port);
      case "XOAUTH2" -> Bearer.xoauth2(user, token);
      default -> throw new IllegalArgumentException("no mechanism for a token: " + mechanism);
    };
  }

  @Override
  public boolean refused(ClientMechanism login) {
    return login instanceof Bearer bearer && tokens.refused(bearer.token());
  }

  @Override
  public String toString() {
    return user;
  }
}
