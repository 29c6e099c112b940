package dev.caravan.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token of an application for the HTTP door: {@code cvn.NAME.SECRET}, both in base64url. The
 * secret has 256 bits of chance, so a plain digest of it says nothing, and takes no time.
 */
final class AppToken {
  private static final String MARK = "{TOKEN}";
  private static final int SECRET_OCTETS = 32;
  private static final Pattern FORM =
      Pattern.compile("cvn\\.([A-Za-z0-9_-]{1,1400})\\.[A-Za-z0-9_-]{43}");
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private AppToken() {}

  /** A new one. */
  static String make(String name, SecureRandom random) {
    byte[] secret = new byte[SECRET_OCTETS];
    random.nextBytes(secret);
    return "cvn."
        + BASE64.encodeToString(name.getBytes(StandardCharsets.UTF_8))
        + "."
        + BASE64.encodeToString(secret);
  }

  /** Whose it is, as it says itself; empty when it is no such token. */
  static Optional<String> name(String token) {
    Matcher form = FORM.matcher(token);
    if (!form.matches()) {
      return Optional.empty();
    }
    try {
      byte[] name = Base64.getUrlDecoder().decode(form.group(1));
      return Optional.of(new String(name, StandardCharsets.UTF_8)).filter(UserLine::isName);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** As it stands in the users file. */
  static String word(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return MARK + Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it is such a word. */
  static boolean isWord(String text) {
    return text.matches("\\{TOKEN\\}[A-Za-z0-9+/]{43}");
  }

  /** Whether the word is that of this token. */
  static boolean matches(String word, String token) {
    return MessageDigest.isEqual(
        word.getBytes(StandardCharsets.UTF_8), word(token).getBytes(StandardCharsets.UTF_8));
  }
}
