package dev.caravan.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The folder of keys. */
final class DkimKeysTest {
  @TempDir Path dir;

  @Test
  void keysOfADomainComeBySelector() throws Exception {
    Keys.write(dir, "a.example", "s2", Keys.generate("Ed25519").getPrivate());
    Keys.write(dir, "a.example", "s1", Keys.rsa(1024).getPrivate());
    Keys.write(dir, "b.example", "other", Keys.rsa(1024).getPrivate());
    Files.writeString(dir.resolve("a.example/notes.txt"), "no key");
    assertThat(new DkimKeys(dir.toString()).of("a.example"))
        .extracting(key -> key.selector() + " " + key.algorithm().tag())
        .containsExactly("s1 rsa-sha256", "s2 ed25519-sha256");
  }

  @Test
  void pkcs1AndPkcs8AreTheSameKey() throws Exception {
    KeyPair pair = Keys.rsa(2048);
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    byte[] pkcs1 =
        PrivateKeyInfo.getInstance(pkcs8).parsePrivateKey().toASN1Primitive().getEncoded();
    Keys.writePem(dir, "a.example", "one", "RSA PRIVATE KEY", pkcs1);
    Keys.write(dir, "a.example", "eight", pair.getPrivate());
    assertThat(new DkimKeys(dir.toString()).of("a.example"))
        .extracting(key -> key.key().getEncoded())
        .containsExactly(pkcs8, pkcs8);
  }

  /** Another provider's key would be read and checked anew for each signature. */
  @Test
  void aKeyIsThatOfTheProviderThatSigns() throws Exception {
    Keys.write(dir, "a.example", "s1", Keys.rsa(2048).getPrivate());
    DkimKey key = new DkimKeys(dir.toString()).of("a.example").getFirst();
    assertThat(key.key()).hasSameClassAs(Crypto.own(Keys.rsa(2048).getPrivate()));
    assertThat(Crypto.rsaSha256(key.key(), new byte[1])).hasSize(256);
  }

  @Test
  void aDomainOrAFolderThatIsNotThereHasNoKeys() {
    assertThat(new DkimKeys(dir.toString()).of("a.example")).isEmpty();
    assertThat(new DkimKeys(dir.resolve("missing").toString()).of("a.example")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'',it holds no private key in PEM",
    "no key at all,it holds no private key in PEM",
    "'-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',''",
    "'-----BEGIN PRIVATE KEY-----\n%%%%\n-----END PRIVATE KEY-----\n',''",
  })
  void aFileWithoutAKeyIsToldByItsName(String text, String reason) throws Exception {
    Path file = Files.createDirectories(dir.resolve("a.example")).resolve("s1.pem");
    Files.writeString(file, text);
    assertThatThrownBy(() -> new DkimKeys(dir.toString()).of("a.example"))
        .isInstanceOf(DkimKeys.UnusableKeyException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason)
        .hasMessageNotContaining("null");
  }

  @Test
  void weakAndForeignKeysAreRefused() throws Exception {
    Keys.write(dir, "weak.example", "s1", Keys.rsa(512).getPrivate());
    Keys.write(dir, "ec.example", "s1", Keys.generate("EC").getPrivate());
    DkimKeys keys = new DkimKeys(dir.toString());
    assertThatThrownBy(() -> keys.of("weak.example")).hasMessageContaining("at least 1024 bits");
    assertThatThrownBy(() -> keys.of("ec.example")).hasMessageContaining("RSA or Ed25519");
  }

  @Test
  void aPublicKeyIsNoPrivateOne() throws Exception {
    Keys.writePem(dir, "a.example", "s1", "PUBLIC KEY", Keys.rsa(1024).getPublic().getEncoded());
    assertThatThrownBy(() -> new DkimKeys(dir.toString()).of("a.example"))
        .hasMessageContaining("no private key");
  }

  /** What failed is read anew: a key that was mended signs at once. */
  @Test
  void aFailureIsNotKept() throws Exception {
    Path file = Files.createDirectories(dir.resolve("a.example")).resolve("s1.pem");
    Files.writeString(file, "no key");
    DkimKeys keys = new DkimKeys(dir.toString());
    assertThatThrownBy(() -> keys.of("a.example"))
        .isInstanceOf(DkimKeys.UnusableKeyException.class);
    Keys.write(dir, "a.example", "s1", Keys.rsa(1024).getPrivate());
    assertThat(keys.of("a.example")).hasSize(1);
  }

  @Test
  void moreThanFourKeysAreNotUsed() throws Exception {
    for (String selector : Arrays.asList("a", "b", "c", "d", "e")) {
      Keys.write(dir, "a.example", selector, Keys.generate("Ed25519").getPrivate());
    }
    assertThat(new DkimKeys(dir.toString()).of("a.example"))
        .extracting(DkimKey::selector)
        .containsExactly("a", "b", "c", "d");
  }

  @Test
  void aKeyIsNotPrinted() throws Exception {
    Keys.write(dir, "a.example", "s1", Keys.rsa(1024).getPrivate());
    assertThat(new DkimKeys(dir.toString()).of("a.example"))
        .hasToString("[DkimKey[s1 rsa-sha256]]");
  }
}
