package dev.caravan.delivery.auth;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** OAUTHBEARER (RFC 7628), or XOAUTH2 that came before it: an access token. */
final class Bearer implements ClientMechanism {
  private static final char SEPARATOR = '\u0001';
  private static final int COMPLAINT_MAX = 200;

  private final boolean standard;
  private final String token;
  private final String message;
  private String complaint = "";

  private Bearer(boolean standard, String token, String message) {
    this.standard = standard;
    this.token = token;
    this.message = message + SEPARATOR + "auth=Bearer " + token + SEPARATOR + SEPARATOR;
  }

  static Bearer standard(String user, String token, String host, int port) {
    String name = user.replace("=", "=3D").replace(",", "=2C");
    return new Bearer(
        true, token, "n,a=" + name + "," + SEPARATOR + "host=" + host + SEPARATOR + "port=" + port);
  }

  static Bearer xoauth2(String user, String token) {
    return new Bearer(false, token, "user=" + user);
  }

  String token() {
    return token;
  }

  @Override
  public Optional<byte[]> first() {
    return Optional.of(message.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A challenge tells what is wrong (RFC 7628, 3.2.2); a dummy answer makes the server say so in
   * its own protocol too.
   */
  @Override
  public byte[] answer(byte[] challenge) throws AuthException {
    if (!complaint.isEmpty()) {
      throw new AuthException("a second challenge to an access token");
    }
    String text = new String(challenge, StandardCharsets.UTF_8).replace(token, "****");
    String shown = text.substring(0, Math.min(text.length(), COMPLAINT_MAX));
    complaint = shown.isBlank() ? "refused" : shown.replaceAll("\\p{Cntrl}", " ").strip();
    return standard ? new byte[] {SEPARATOR} : new byte[0];
  }

  @Override
  public String complaint() {
    return complaint;
  }
}
