package dev.caravan.sign;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * The keys in {@code <dir>/<domain>/<selector>.pem}: RSA (PKCS#1 or PKCS#8) and Ed25519 (PKCS#8).
 * Each of a domain's keys makes a signature. Changes are noticed within a few seconds.
 */
public final class DkimKeys {
  private static final Duration RECHECK = Duration.ofSeconds(5);
  private static final int DOMAINS_MAX = 10_000;
  private static final int KEYS_MAX = 4;
  private static final int RSA_BITS_MIN = 1024;

  private final Path dir;
  private final Cache<String, List<DkimKey>> cache =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(DOMAINS_MAX)
          .expireAfterWrite(RECHECK)
          .build();

  public DkimKeys(String dir) {
    this.dir = Path.of(dir);
  }

  /** A domain has a key that can't be used. */
  public static final class UnusableKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableKeyException(Path file, Throwable cause) {
      super("the key " + file + " can't be used: " + cause.getMessage(), cause);
    }
  }

  /**
   * The keys of a domain, by selector; none when it has no folder.
   *
   * @throws UnusableKeyException when one of them can't be read: signing was wanted but is
   *     impossible
   */
  List<DkimKey> of(String domain) {
    return cache.get(domain, this::load);
  }

  private List<DkimKey> load(String domain) {
    Path folder = dir.resolve(domain);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(f -> f.toString().endsWith(".pem")).sorted().limit(KEYS_MAX).toList();
    } catch (IOException e) {
      throw new UnusableKeyException(folder, e);
    }
    List<DkimKey> keys = new ArrayList<>();
    for (Path file : files) {
      try {
        keys.add(read(file));
      } catch (IOException | RuntimeException e) {
        throw new UnusableKeyException(file, e);
      }
    }
    return List.copyOf(keys);
  }

  private static DkimKey read(Path file) throws IOException {
    String selector = file.getFileName().toString().replaceAll("\\.pem$", "");
    PrivateKey key;
    try (Reader in = Files.newBufferedReader(file);
        PEMParser pem = new PEMParser(in)) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      key =
          switch (pem.readObject()) {
            case PEMKeyPair pair -> converter.getPrivateKey(pair.getPrivateKeyInfo());
            case PrivateKeyInfo info -> converter.getPrivateKey(info);
            case null, default -> throw new IOException("it holds no private key in PEM");
          };
    }
    if (key instanceof RSAKey rsa) {
      if (rsa.getModulus().bitLength() < RSA_BITS_MIN) {
        throw new IOException("RSA keys need at least 1024 bits (RFC 8301)");
      }
      try {
        return new DkimKey(selector, DkimKey.Algorithm.RSA_SHA256, Crypto.own(key));
      } catch (GeneralSecurityException e) {
        throw new IOException("nothing here can sign with this RSA key: " + e.getMessage(), e);
      }
    }
    if (key.getAlgorithm().equals("EdDSA") || key.getAlgorithm().equals("Ed25519")) {
      return new DkimKey(selector, DkimKey.Algorithm.ED25519_SHA256, key);
    }
    throw new IOException("DKIM signs with RSA or Ed25519, not " + key.getAlgorithm());
  }
}
