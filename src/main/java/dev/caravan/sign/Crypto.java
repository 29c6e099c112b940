package dev.caravan.sign;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signatures by the fastest provider there is: Amazon Corretto's where its native library loads
 * (RSA-2048 in half the time), Java's own otherwise.
 */
final class Crypto {
  private static final Logger LOG = LoggerFactory.getLogger(Crypto.class);
  private static final Optional<Provider> FAST = fast();

  private Crypto() {}

  private static Optional<Provider> fast() {
    try {
      Class<?> type =
          Class.forName("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider");
      Provider provider = (Provider) type.getField("INSTANCE").get(null);
      Object healthy = type.getMethod("getLoadingError").invoke(provider);
      if (healthy == null) {
        return Optional.of(provider);
      }
      LOG.info("signing with Java's own cryptography: {}", healthy.toString());
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.info("signing with Java's own cryptography: {}", e.toString());
    }
    return Optional.empty();
  }

  /**
   * The same key as the provider that signs has it. Another's is read, checked and blinded anew for
   * each signature, which takes as long again as to sign.
   */
  static PrivateKey own(PrivateKey key) throws GeneralSecurityException {
    return FAST.isPresent() && key.getAlgorithm().equals("RSA")
        ? KeyFactory.getInstance("RSA", FAST.get())
            .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()))
        : key;
  }

  static byte[] rsaSha256(PrivateKey key, byte[] data) throws GeneralSecurityException {
    Signature signature =
        FAST.isPresent()
            ? Signature.getInstance("SHA256withRSA", FAST.get())
            : Signature.getInstance("SHA256withRSA");
    return sign(signature, key, data);
  }

  static byte[] ed25519(PrivateKey key, byte[] data) throws GeneralSecurityException {
    return sign(Signature.getInstance("Ed25519"), key, data);
  }

  private static byte[] sign(Signature signature, PrivateKey key, byte[] data)
      throws GeneralSecurityException {
    signature.initSign(key);
    signature.update(data);
    return signature.sign();
  }
}
