package dev.caravan.auth;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a server keeps for SCRAM-SHA-256 instead of a password (RFC 5802, 3; RFC 7677), each in
 * base64. Written as RFC 5803 has it: {@code SCRAM-SHA-256$iterations:salt$storedKey:serverKey}.
 */
public record ScramKeys(String salt, int iterations, String storedKey, String serverKey) {
  /** RFC 7677, 4 asks for at least 4096; a login may cost some milliseconds. */
  static final int ITERATIONS = 15_000;

  private static final int ITERATIONS_MAX = 10_000_000;
  private static final int SALT_OCTETS = 16;
  private static final int KEY_BITS = 256;
  private static final String BASE64 = "([A-Za-z0-9+/]{4,200}={0,2})";
  private static final Pattern TEXT =
      Pattern.compile("SCRAM-SHA-256\\$(\\d{1,8}):" + BASE64 + "\\$" + BASE64 + ":" + BASE64);

  /** Keys of a new password. */
  static ScramKeys of(String password, SecureRandom random) {
    byte[] salt = new byte[SALT_OCTETS];
    random.nextBytes(salt);
    return of(password, salt, ITERATIONS);
  }

  static ScramKeys of(String password, byte[] salt, int iterations) {
    try {
      // PBKDF2 is the function Hi of RFC 5802, 2.2.
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(
                  new PBEKeySpec(
                      Passwords.prepared(password).toCharArray(), salt, iterations, KEY_BITS))
              .getEncoded();
      byte[] clientKey = hmac(salted, "Client Key");
      return new ScramKeys(
          base64(salt), iterations, base64(hash(clientKey)), base64(hmac(salted, "Server Key")));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no PBKDF2", e);
    }
  }

  /** Reads the form of RFC 5803; empty when it is another. */
  static Optional<ScramKeys> parse(String text) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches()) {
      return Optional.empty();
    }
    int iterations = Integer.parseInt(m.group(1));
    return iterations < 1 || iterations > ITERATIONS_MAX
        ? Optional.empty()
        : Optional.of(new ScramKeys(m.group(2), iterations, m.group(3), m.group(4)));
  }

  static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC", e);
    }
  }

  static byte[] hash(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  /** As RFC 5803 writes it. */
  String text() {
    return "SCRAM-SHA-256$" + iterations + ':' + salt + '$' + storedKey + ':' + serverKey;
  }

  /** Without what would help to guess the password. */
  @Override
  public String toString() {
    return "ScramKeys[" + iterations + "]";
  }
}
