package dev.caravan.auth;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passwords as Argon2id (RFC 9106) in the PHC form {@code
 * $argon2id$v=19$m=19456,t=2,p=1$salt$hash}. One costs some 20 MB and 50 ms: no more than a few are
 * computed at the same time. Hashes of bcrypt, which other programs keep, are read too.
 */
final class Passwords {
  private static final int MEMORY_KB = 19_456;
  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int OCTETS = 32;
  private static final int SALT_OCTETS = 16;
  private static final int AT_ONCE = 2;
  private static final int MEMORY_KB_MAX = 262_144;
  private static final int PASSES_MAX = 20;
  private static final int LANES_MAX = 16;

  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]{11,100})\\$([A-Za-z0-9+/]{16,200})");

  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d{2})\\$[./A-Za-z0-9]{53}");
  private static final int BCRYPT_COST_MAX = 14;

  /** A hash of nobody's password, that costs what another costs. */
  private static final String DECOY = phc(new byte[SALT_OCTETS], new byte[OCTETS]);

  private final Semaphore computing = new Semaphore(AT_ONCE, true);

  /** The same password typed on another keyboard is the same octets (RFC 4013, 2.2). */
  static String prepared(String password) {
    return Normalizer.normalize(password.replace('\u00a0', ' '), Normalizer.Form.NFKC);
  }

  static String hash(String password, SecureRandom random) {
    byte[] salt = new byte[SALT_OCTETS];
    random.nextBytes(salt);
    byte[] hash = Hashing.argon2(prepared(password), salt, MEMORY_KB, PASSES, LANES, OCTETS);
    return phc(salt, hash);
  }

  private static String phc(byte[] salt, byte[] hash) {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            MEMORY_KB, PASSES, LANES, base64.encodeToString(salt), base64.encodeToString(hash));
  }

  /** Whether it is one of ours, or one of bcrypt that another program has made. */
  static boolean isHash(String text) {
    Matcher bcrypt = BCRYPT.matcher(text);
    if (bcrypt.matches()) {
      return within(bcrypt.group(1), BCRYPT_COST_MAX);
    }
    Matcher m = PHC.matcher(text);
    return m.matches()
        && within(m.group(1), MEMORY_KB_MAX)
        && within(m.group(2), PASSES_MAX)
        && within(m.group(3), LANES_MAX);
  }

  private static boolean within(String number, int max) {
    int n = Integer.parseInt(number);
    return n >= 1 && n <= max;
  }

  /** Whether it is the password of this hash. Blocks while others are computed. */
  boolean matches(String password, String phc) {
    if (BCRYPT.matcher(phc).matches()) {
      return matchesBcrypt(password, phc);
    }
    Matcher m = PHC.matcher(phc);
    if (!m.matches()) {
      return false;
    }
    byte[] expected = Base64.getDecoder().decode(m.group(5));
    computing.acquireUninterruptibly();
    try {
      byte[] got =
          Hashing.argon2(
              prepared(password),
              Base64.getDecoder().decode(m.group(4)),
              Integer.parseInt(m.group(1)),
              Integer.parseInt(m.group(2)),
              Integer.parseInt(m.group(3)),
              expected.length);
      return MessageDigest.isEqual(expected, got);
    } finally {
      computing.release();
    }
  }

  private boolean matchesBcrypt(String password, String hash) {
    computing.acquireUninterruptibly();
    try {
      return Hashing.bcrypt(prepared(password), hash);
    } finally {
      computing.release();
    }
  }

  /** Takes as long as a look at a hash: nobody learns which names exist. */
  void waste(String password) {
    boolean never = matches(password, DECOY);
    assert !never;
  }
}
