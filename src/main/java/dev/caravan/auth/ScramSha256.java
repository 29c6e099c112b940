package dev.caravan.auth;

import dev.caravan.mail.TlsFacts;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), with the channel bindings tls-exporter
 * (RFC 9266) and tls-server-end-point (RFC 5929).
 */
final class ScramSha256 implements Mechanism {
  private static final Pattern FIRST =
      Pattern.compile(
          "(([pny])(?:=([A-Za-z0-9.-]{1,60}))?,(?:a=([^,]*))?,)(n=([^,]+),r=([!-+\\--~]+))");
  private static final Pattern FINAL =
      Pattern.compile("(c=([A-Za-z0-9+/=]+),r=([!-+\\--~]+)),p=([A-Za-z0-9+/=]+)");
  private static final int NONCE_MAX = 500;

  private final Users users;
  private final String nonce;
  private final byte[] decoyKey;
  private final boolean plus;
  private final boolean plusOffered;
  private final Optional<TlsFacts> tls;

  private String name = "";
  private Optional<ScramKeys> keys = Optional.empty();
  private String gs2 = "";
  private String binding = "";
  private String firstBare = "";
  private String serverFirst = "";
  private boolean proven;

  /**
   * @param nonce the server's part, never the same again
   * @param decoyKey makes the same salt each time for a name that does not exist
   * @param plus whether the client has chosen the mechanism with a channel binding
   * @param plusOffered whether it could have
   */
  ScramSha256(
      Users users,
      String nonce,
      byte[] decoyKey,
      boolean plus,
      boolean plusOffered,
      Optional<TlsFacts> tls) {
    this.users = users;
    this.nonce = nonce;
    this.decoyKey = decoyKey.clone();
    this.plus = plus;
    this.plusOffered = plusOffered;
    this.tls = tls;
  }

  @Override
  public Attempt next(Optional<byte[]> response) {
    if (response.isEmpty()) {
      return new Attempt.Challenge(new byte[0]);
    }
    if (proven) {
      return response.get().length == 0 ? new Attempt.Proven(name) : Attempt.FAILED;
    }
    String text = Mechanism.text(response.get()).orElse("");
    return serverFirst.isEmpty() ? first(text) : last(text);
  }

  private Attempt first(String text) {
    Matcher m = FIRST.matcher(text);
    // Whatever follows the nonce are extensions, which may be ignored (RFC 5802, 5.1).
    if (!m.lookingAt() || m.end() < text.length() && text.charAt(m.end()) != ',') {
      return Attempt.FAILED;
    }
    gs2 = m.group(1);
    binding = Optional.ofNullable(m.group(3)).orElse("");
    name = unescaped(m.group(6));
    String actingFor = unescaped(Optional.ofNullable(m.group(4)).orElse(""));
    boolean wrong =
        !isBindingRight(m.group(2))
            || name.isEmpty()
            || m.group(7).length() > NONCE_MAX
            || !actingFor.isEmpty() && !actingFor.equals(name);
    if (wrong) {
      return Attempt.FAILED;
    }
    firstBare = text.substring(m.end(1));
    keys = users.scram(name);
    String salt = keys.map(ScramKeys::salt).orElseGet(this::decoySalt);
    int iterations = keys.map(ScramKeys::iterations).orElse(ScramKeys.ITERATIONS);
    serverFirst = "r=" + m.group(7) + nonce + ",s=" + salt + ",i=" + iterations;
    return Attempt.challenge(serverFirst);
  }

  /** A client that could bind, but was told that we can't, is under attack (RFC 5802, 6). */
  private boolean isBindingRight(String flag) {
    return switch (flag) {
      case "p" -> plus && bindingData().isPresent();
      case "y" -> !plus && !plusOffered && binding.isEmpty();
      default -> !plus && binding.isEmpty();
    };
  }

  private Optional<byte[]> bindingData() {
    return switch (binding) {
      case "tls-exporter" -> tls.flatMap(TlsFacts::exporter).map(TlsFacts.Octets::bytes);
      case "tls-server-end-point" ->
          tls.flatMap(TlsFacts::serverEndPoint).map(TlsFacts.Octets::bytes);
      default -> Optional.empty();
    };
  }

  private String decoySalt() {
    byte[] salt = ScramKeys.hmac(decoyKey, name);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(salt, 16));
  }

  private Attempt last(String text) {
    Matcher m = FINAL.matcher(text);
    String clientNonce = firstBare.substring(firstBare.indexOf(",r=") + 3).split(",", 2)[0];
    if (!m.matches() || !m.group(3).equals(clientNonce + nonce) || !isBound(m.group(2))) {
      return Attempt.FAILED;
    }
    String message = firstBare + ',' + serverFirst + ',' + m.group(1);
    if (keys.isEmpty() || !isProof(m.group(4), message)) {
      return Attempt.FAILED;
    }
    byte[] signature = ScramKeys.hmac(decoded(keys.get().serverKey()), message);
    proven = true;
    return Attempt.challenge("v=" + Base64.getEncoder().encodeToString(signature));
  }

  private boolean isBound(String base64) {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(gs2.getBytes(StandardCharsets.UTF_8));
    if (plus) {
      bindingData().ifPresent(expected::writeBytes);
    }
    return MessageDigest.isEqual(expected.toByteArray(), decoded(base64));
  }

  private boolean isProof(String base64, String message) {
    byte[] storedKey = decoded(keys.orElseThrow().storedKey());
    byte[] signature = ScramKeys.hmac(storedKey, message);
    byte[] proof = decoded(base64);
    if (proof.length != signature.length) {
      return false;
    }
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= signature[i];
    }
    return MessageDigest.isEqual(ScramKeys.hash(proof), storedKey);
  }

  /** Nothing where it is no base64. */
  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** {@code =2C} is a comma, {@code =3D} an equals sign; empty when it is written otherwise. */
  private static String unescaped(String saslName) {
    String text = saslName.replace("=2C", ",").replace("=3D", "\0");
    return text.indexOf('=') >= 0 ? "" : text.replace('\0', '=');
  }
}
