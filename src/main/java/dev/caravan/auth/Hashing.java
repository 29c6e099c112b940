package dev.caravan.auth;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.DataLengthException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** What Bouncy Castle computes of passwords: apart, for its classes take long to load. */
final class Hashing {
  private Hashing() {}

  /**
   * Argon2id of version 1.3 (RFC 9106).
   *
   * @param memory KB
   * @param octets of the hash
   */
  static byte[] argon2(
      String password, byte[] salt, int memory, int passes, int lanes, int octets) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memory)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[octets];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    return hash;
  }

  /** Whether it is the password of this hash of bcrypt. */
  static boolean bcrypt(String password, String hash) {
    try {
      return OpenBSDBCrypt.checkPassword(hash, password.toCharArray());
    } catch (DataLengthException e) {
      return false; // longer than bcrypt's 72 octets
    }
  }
}
