package dev.caravan.delivery.auth;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** A name and a password. */
public final class PasswordCredentials implements Credentials {
  /** Over a connection to the right server the simplest is the surest to work. */
  private static final List<String> TO_THE_RIGHT_SERVER =
      List.of("SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5");

  /** Whoever may sit at the other end should learn as little as possible. */
  private static final List<String> TO_ANYBODY =
      List.of("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN");

  /** What an eavesdropper learns nothing from that could be tried quickly. */
  private static final List<String> IN_CLEAR_TEXT = List.of("SCRAM-SHA-256");

  private static final int NONCE_OCTETS = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String user;
  private final Secret password;
  private final List<String> mechanisms;
  private final boolean clearTextPasswords;

  /**
   * @param mechanisms that may be used, in this order; empty = all, the best first
   * @param clearTextPasswords whether the password may be read by all who see the connection
   */
  public PasswordCredentials(
      String user, Secret password, List<String> mechanisms, boolean clearTextPasswords) {
    this.user = Names.user(user);
    this.password = password;
    this.mechanisms =
        Names.mechanisms(mechanisms, TO_THE_RIGHT_SERVER, "a password is for the mechanisms ");
    this.clearTextPasswords = clearTextPasswords;
  }

  @Override
  public String user() {
    return user;
  }

  @Override
  public void prepare() throws AuthException {
    String readable = password.value();
    assert !readable.isEmpty();
  }

  @Override
  public List<String> usable(Set<String> offered, Channel channel) {
    boolean safe = channel.keepsSecrets() || clearTextPasswords;
    return wanted(offered, channel).filter(m -> safe || IN_CLEAR_TEXT.contains(m)).toList();
  }

  private Stream<String> wanted(Set<String> offered, Channel channel) {
    List<String> order =
        !mechanisms.isEmpty()
            ? mechanisms
            : channel.endsAtTheRightServer() ? TO_THE_RIGHT_SERVER : TO_ANYBODY;
    return order.stream().filter(offered::contains);
  }

  @Override
  public boolean needsTls(Set<String> offered) {
    return wanted(offered, new Channel(true, true, false)).findAny().isPresent();
  }

  @Override
  public ClientMechanism begin(String mechanism, String host, int port) throws AuthException {
    String secret = password.value();
    return switch (mechanism.toUpperCase(Locale.ROOT)) {
      case "PLAIN" -> new Plain(user, secret);
      case "LOGIN" -> new Login(user, secret);
      case "CRAM-MD5" -> new CramMd5(user, secret);
      case "SCRAM-SHA-256" -> new ScramSha256(user, secret, nonce());
      default -> throw new IllegalArgumentException("no mechanism for a password: " + mechanism);
    };
  }

  private static String nonce() {
    byte[] octets = new byte[NONCE_OCTETS];
    RANDOM.nextBytes(octets);
    return Base64.getEncoder().encodeToString(octets);
  }

  @Override
  public boolean refused(ClientMechanism login) {
    return false;
  }

  @Override
  public String toString() {
    return user;
  }
}
