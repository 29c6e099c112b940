package dev.caravan.sign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * A new key to sign with: RSA (RFC 6376, RFC 8301) or Ed25519 (RFC 8463).
 *
 * @param record the TXT record that publishes it
 * @param pem the private key, PKCS #8
 */
public record NewDkimKey(String record, String pem) {
  /** An Ed25519 public key is the last 32 octets of its SubjectPublicKeyInfo. */
  private static final int ED25519_OCTETS = 32;

  /**
   * @param bits 1024 to 4096
   */
  public static NewDkimKey rsa(int bits) throws GeneralSecurityException {
    if (bits < 1024 || bits > 4096) {
      throw new IllegalArgumentException("an RSA key has 1024 to 4096 bits");
    }
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    KeyPair pair = generator.generateKeyPair();
    return of("rsa", pair, pair.getPublic().getEncoded());
  }

  public static NewDkimKey ed25519() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519);
    KeyPair pair = generator.generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    return of(
        "ed25519",
        pair,
        Arrays.copyOfRange(encoded, encoded.length - ED25519_OCTETS, encoded.length));
  }

  private static NewDkimKey of(String type, KeyPair pair, byte[] publicKey) {
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    return new NewDkimKey(
        "v=DKIM1; k=" + type + "; p=" + Base64.getEncoder().encodeToString(publicKey), pem);
  }

  /**
   * Writes the private key, readable by its owner only; never over another one.
   *
   * @throws java.nio.file.FileAlreadyExistsException when there is one
   */
  public void write(Path file) throws IOException {
    if (Files.exists(file)) {
      throw new java.nio.file.FileAlreadyExistsException(file.toString());
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    // The gateway must not see half a key, nor an empty one after a power cut.
    Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), ".key", "", ownerOnly);
    try {
      Files.writeString(draft, pem, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** Without the private key. */
  @Override
  public String toString() {
    return "NewDkimKey[" + record + "]";
  }
}
