package dev.caravan.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** CRAM-MD5 (RFC 2195): works only for users whose password itself is kept. */
final class CramMd5 implements Mechanism {
  private final Users users;
  private final String challenge;

  /**
   * @param challenge in angle brackets, never the same again
   */
  CramMd5(Users users, String challenge) {
    this.users = users;
    this.challenge = challenge;
  }

  @Override
  public Attempt next(Optional<byte[]> response) {
    if (response.isEmpty()) {
      return Attempt.challenge(challenge);
    }
    String text = Mechanism.text(response.get()).orElse("");
    int space = text.lastIndexOf(' ');
    if (space < 1) {
      return Attempt.FAILED;
    }
    String name = text.substring(0, space);
    Optional<String> secret = users.secret(name).filter(s -> !s.isEmpty());
    byte[] expected = digest(secret.orElse("nobody's")).getBytes(StandardCharsets.US_ASCII);
    byte[] got =
        text.substring(space + 1).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    boolean right = MessageDigest.isEqual(expected, got) && secret.isPresent();
    return right ? new Attempt.Proven(name) : Attempt.FAILED;
  }

  private String digest(String secret) {
    try {
      Mac mac = Mac.getInstance("HmacMD5");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
      return HexFormat.of().formatHex(mac.doFinal(challenge.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC-MD5", e);
    }
  }
}
