package dev.caravan.sign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/** Keys for tests, and their files. */
final class Keys {
  /** What stands before the 32 octets of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410). */
  private static final String ED25519_PREFIX = "302a300506032b6570032100";

  private Keys() {}

  static KeyPair rsa(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  static KeyPair generate(String algorithm) throws GeneralSecurityException {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
  }

  /** Writes a key as PKCS #8, to where the signer looks for it. */
  static void write(Path dir, String domain, String selector, PrivateKey key) throws IOException {
    writePem(dir, domain, selector, "PRIVATE KEY", key.getEncoded());
  }

  static void writePem(Path dir, String domain, String selector, String type, byte[] octets)
      throws IOException {
    Path folder = Files.createDirectories(dir.resolve(domain));
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets);
    Files.writeString(
        folder.resolve(selector + ".pem"),
        "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
  }

  static PrivateKey ed25519(String seed) throws GeneralSecurityException {
    return KeyFactory.getInstance("Ed25519")
        .generatePrivate(
            new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Base64.getDecoder().decode(seed)));
  }

  /** The public key of a DNS record, in the forms of RFC 6376 and RFC 8463. */
  static PublicKey published(String record) throws GeneralSecurityException {
    String compact = record.replaceAll("\\s", "");
    byte[] p = Base64.getDecoder().decode(compact.replaceAll("^(?:.*;)?p=([^;]*).*$", "$1"));
    if (compact.contains("k=ed25519")) {
      byte[] encoded = HexFormat.of().parseHex(ED25519_PREFIX + HexFormat.of().formatHex(p));
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }
    return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(p));
  }
}
