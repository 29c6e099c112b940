package dev.caravan.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.mail.Header;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing by the keys and messages of others; their verify-only parts are left to a verifier. */
final class DkimSuiteTest {
  private static final Path DATA = Path.of(System.getProperty("caravan.data", "../shared/data"));

  @TempDir Path dir;

  @BeforeEach
  void present() {
    assumeTrue(
        Files.isDirectory(DATA.resolve("dkim-dkimpy"))
            && Files.isDirectory(DATA.resolve("dkim-mail-auth")),
        () -> "the DKIM suites are not in " + DATA);
  }

  /** Private keys of the suite sign; the records beside them verify. */
  @ParameterizedTest
  @CsvSource({
    "test.private,test.txt",
    "2048_testkey.key,2048_testkey_wo_markers.pub.txt",
    "1024_testkey.key,1024_testkey_wo_markers.pub.txt",
    "2048_testkey_PKCS8.key,2048_testkey_PKCS8.key.pub.txt",
  })
  void keysOfTheSuiteSign(String privateKey, String record) throws Exception {
    Path folder = Files.createDirectories(dir.resolve("example.com"));
    Files.copy(DATA.resolve("dkim-dkimpy").resolve(privateKey), folder.resolve("s1.pem"));
    DkimKey key = new DkimKeys(dir.toString()).of("example.com").getFirst();
    byte[] data = "data".getBytes(StandardCharsets.US_ASCII);
    String published = Files.readString(DATA.resolve("dkim-dkimpy").resolve(record));
    java.security.Signature judge = java.security.Signature.getInstance("SHA256withRSA");
    judge.initVerify(
        Keys.published(published.contains("p=") ? published : "v=DKIM1; p=" + published));
    judge.update(data);
    assertThat(judge.verify(Crypto.rsaSha256(key.key(), data))).isTrue();
  }

  /** The test's own verifier agrees with other people's signatures, before it judges ours. */
  @ParameterizedTest
  @ValueSource(strings = {"001.txt", "003.txt", "004.txt"})
  void theVerifierOfTheTestsIsRight(String name) throws Exception {
    String file = crlf(DATA.resolve("dkim-mail-auth").resolve(name));
    int end = file.indexOf("\r\n\r\n");
    Signed signed = Signed.parse(file.substring(end + 4));
    for (String line : file.substring(0, end).split("\r\n")) {
      String[] record = line.split(" ", 2);
      String selector = record[0].substring(0, record[0].indexOf("._domainkey"));
      assertThat(signed.verifies(selector, Keys.published(record[1]))).as(record[0]).isTrue();
    }
  }

  /** The signer's canonicalisations reproduce the hash of RFC 8463's message. */
  @Test
  void theBodyHashOfASignedMessage() throws Exception {
    String file = crlf(DATA.resolve("dkim-mail-auth/001.txt"));
    String message = file.substring(file.indexOf("\r\n\r\n") + 4);
    byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
    Map<String, String> tags = Signed.parse(message).signatures().getFirst();
    RelaxedBody body = new RelaxedBody(MessageDigest.getInstance("SHA-256"));
    int start = Header.parse(octets).octets() + 2;
    body.write(octets, start, octets.length - start);
    assertThat(Base64.getEncoder().encodeToString(body.hash())).isEqualTo(tags.get("bh"));
  }

  private static String crlf(Path file) throws Exception {
    return Files.readString(file, StandardCharsets.ISO_8859_1)
        .replace("\r\n", "\n")
        .replace("\n", "\r\n");
  }
}
