package dev.caravan.delivery.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) without a channel binding: the password never leaves us, and
 * the server proves that it knows it too.
 */
final class ScramSha256 implements ClientMechanism {
  private static final Pattern SERVER_FIRST =
      Pattern.compile("r=([!-+\\--~]+),s=([A-Za-z0-9+/=]+),i=([1-9]\\d{0,8})(?:,.*)?");
  private static final Pattern SERVER_FINAL = Pattern.compile("v=([A-Za-z0-9+/=]+)(?:,.*)?");

  /** RFC 7677, 4: with fewer a listener could try passwords too quickly. */
  private static final int ITERATIONS_MIN = 4096;

  /** More would only keep us busy. */
  private static final int ITERATIONS_MAX = 1_000_000;

  private static final int KEY_BITS = 256;
  private static final String NO_BINDING = "n,,";

  private final String password;
  private final String nonce;
  private final String firstBare;
  private byte[] expectedSignature = new byte[0];
  private boolean verified;
  private String complaint = "";

  /**
   * @param nonce never the same again; printable, without a comma
   */
  ScramSha256(String user, String password, String nonce) {
    this.password = normalized(password);
    this.nonce = nonce;
    this.firstBare =
        "n=" + normalized(user).replace("=", "=3D").replace(",", "=2C") + ",r=" + nonce;
  }

  /** The part of SASLprep that matters (RFC 4013, 2.2). */
  private static String normalized(String text) {
    return Normalizer.normalize(text.replace('\u00a0', ' '), Normalizer.Form.NFKC);
  }

  @Override
  public Optional<byte[]> first() {
    return Optional.of(octets(NO_BINDING + firstBare));
  }

  @Override
  public byte[] answer(byte[] challenge) throws AuthException {
    String text = new String(challenge, StandardCharsets.UTF_8);
    if (text.startsWith("e=")) {
      complaint = text;
      return new byte[0];
    }
    return expectedSignature.length == 0 ? proof(text) : verify(text);
  }

  private byte[] proof(String serverFirst) throws AuthException {
    Matcher m = SERVER_FIRST.matcher(serverFirst);
    if (!m.matches() || !m.group(1).startsWith(nonce) || m.group(1).length() == nonce.length()) {
      throw new AuthException("no challenge as SCRAM has it");
    }
    int iterations = Integer.parseInt(m.group(3));
    if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
      throw new AuthException(
          "SCRAM with " + iterations + " iterations: fewer or more than is reasonable");
    }
    byte[] salted = salted(decoded(m.group(2)), iterations);
    byte[] clientKey = hmac(salted, "Client Key");
    String binding = Base64.getEncoder().encodeToString(octets(NO_BINDING));
    String withoutProof = "c=" + binding + ",r=" + m.group(1);
    String message = firstBare + ',' + serverFirst + ',' + withoutProof;
    byte[] proof = hmac(sha256(clientKey), message);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= clientKey[i];
    }
    expectedSignature = hmac(hmac(salted, "Server Key"), message);
    return octets(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof));
  }

  private byte[] verify(String serverFinal) throws AuthException {
    Matcher m = SERVER_FINAL.matcher(serverFinal);
    if (!m.matches() || !MessageDigest.isEqual(expectedSignature, decoded(m.group(1)))) {
      throw new AuthException("the server does not know the password: its signature is wrong");
    }
    verified = true;
    return new byte[0];
  }

  @Override
  public void succeeded() throws AuthException {
    if (!verified) {
      throw new AuthException("the server has not proven that it knows the password");
    }
  }

  @Override
  public String complaint() {
    return complaint;
  }

  private static byte[] decoded(String base64) throws AuthException {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new AuthException("no base64 in a challenge of SCRAM");
    }
  }

  /** PBKDF2 is the function Hi of RFC 5802, 2.2. */
  private byte[] salted(byte[] salt, int iterations) throws AuthException {
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, KEY_BITS))
          .getEncoded();
    } catch (IllegalArgumentException e) {
      throw new AuthException("SCRAM without a salt");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no PBKDF2", e);
    }
  }

  private static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    return Hmac.of("HmacSHA256", key, octets(text));
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
