package dev.caravan.netty.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/** Certificates and keys as operators have them. */
final class PemFiles {
  private static final int CHAIN_MAX = 20;

  private PemFiles() {}

  /** The certificates of a file in their order. */
  static List<X509Certificate> certificates(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> all = new ArrayList<>();
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        all.add((X509Certificate) certificate);
      }
      if (all.isEmpty() || all.size() > CHAIN_MAX) {
        throw new IOException("it holds no certificate in PEM, or more than " + CHAIN_MAX);
      }
      return all;
    } catch (CertificateException e) {
      throw new IOException("it holds no certificate in PEM: " + e.getMessage(), e);
    }
  }

  /**
   * The private key of a file: PKCS#8, or the older forms for RSA and EC; encrypted or not.
   *
   * @param password empty for a key that isn't encrypted
   */
  static PrivateKey key(Path file, String password) throws IOException {
    JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
    try (Reader in = Files.newBufferedReader(file);
        PEMParser pem = new PEMParser(in)) {
      Object found = pem.readObject();
      while (found != null) {
        switch (found) {
          case PrivateKeyInfo info -> {
            return converter.getPrivateKey(info);
          }
          case PEMKeyPair pair -> {
            return converter.getPrivateKey(pair.getPrivateKeyInfo());
          }
          case PEMEncryptedKeyPair pair -> {
            var decrypted =
                pair.decryptKeyPair(
                    new JcePEMDecryptorProviderBuilder().build(password.toCharArray()));
            return converter.getPrivateKey(decrypted.getPrivateKeyInfo());
          }
          case PKCS8EncryptedPrivateKeyInfo info -> {
            var decryptor =
                new JceOpenSSLPKCS8DecryptorProviderBuilder().build(password.toCharArray());
            return converter.getPrivateKey(info.decryptPrivateKeyInfo(decryptor));
          }
          default -> found = pem.readObject(); // EC parameters, certificates
        }
      }
    } catch (PEMException | PKCSException | OperatorCreationException e) {
      throw new IOException("its key can't be read: " + e.getMessage(), e);
    }
    throw new IOException("it holds no private key in PEM");
  }
}
