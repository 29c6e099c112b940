package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SCRAM-SHA-256-PLUS on real connections: a login counts on the connection it was made for. */
final class ChannelBindingFlowTest {
  private static final String PASSWORD = "pencil";

  @TempDir Path data;

  @Test
  void aLoginIsBoundToItsConnection() throws Exception {
    Certificates certificates = Certificates.of("relay.example", Optional.empty());
    certificates.write(data, "server");
    new UsersFile(data.resolve("users"))
        .add(new Account("joe", true, List.of(), 0, 0), PASSWORD, false);
    Map<String, String> options = new HashMap<>();
    options.put("caravan.tls.certificate", data.resolve("server.crt").toString());
    options.put("caravan.tls.key", data.resolve("server.key").toString());
    options.put("caravan.users-file", data.resolve("users").toString());
    options.put("caravan.relay.networks", "");
    options.put("caravan.auth.delay", "0s");
    byte[] endPoint =
        MessageDigest.getInstance("SHA-256").digest(certificates.certificate().getEncoded());
    try (TestGateway gateway = TestGateway.start(data.resolve("gateway"), options)) {
      int port = gateway.port("submissions");
      try (Client client = client(port, certificates);
          Client other = client(port, certificates)) {
        assertThat(client.exporter()).isNotEqualTo(other.exporter());
        assertThat(logIn(client, "tls-exporter", other.exporter())).startsWith("535 5.7.8");
        assertThat(logIn(client, "tls-server-end-point", new byte[32])).startsWith("535 5.7.8");
        assertThat(logIn(client, "tls-unique", client.exporter())).startsWith("535 5.7.8");
        assertThat(logIn(client, "tls-exporter", client.exporter())).startsWith("235 2.7.0");
        assertThat(logIn(other, "tls-server-end-point", endPoint)).startsWith("235 2.7.0");
        assertThat(other.say("MAIL FROM:<a@sender.example>")).startsWith("250 ");
      }
    }
  }

  private static Client client(int port, Certificates certificates) throws Exception {
    Client client = Client.encrypted(port, certificates.trusting());
    assertThat(client.reply()).startsWith("220 ");
    assertThat(client.ask("EHLO client.example"))
        .anyMatch(l -> l.startsWith("250-AUTH SCRAM-SHA-256-PLUS "));
    return client;
  }

  /** The client's side (RFC 5802, 5), up to the last reply. */
  private static String logIn(Client client, String binding, byte[] bound) throws Exception {
    String gs2 = "p=" + binding + ",,";
    String bare = "n=joe,r=rOprNGfwEbeRWgbNEkqO";
    String challenge = client.say("AUTH SCRAM-SHA-256-PLUS " + base64(gs2 + bare));
    if (!challenge.startsWith("334 ")) {
      return challenge;
    }
    String first = text(challenge.substring(4));
    String[] parts = first.split(",", 3);
    byte[] salted =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
            .generateSecret(
                new PBEKeySpec(
                    PASSWORD.toCharArray(),
                    Base64.getDecoder().decode(parts[1].substring(2)),
                    Integer.parseInt(parts[2].substring(2)),
                    256))
            .getEncoded();
    byte[] clientKey = hmac(salted, "Client Key");
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    input.writeBytes(gs2.getBytes(StandardCharsets.US_ASCII));
    input.writeBytes(bound);
    String withoutProof =
        "c=" + Base64.getEncoder().encodeToString(input.toByteArray()) + "," + parts[0];
    String message = bare + "," + first + "," + withoutProof;
    byte[] proof = hmac(MessageDigest.getInstance("SHA-256").digest(clientKey), message);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= clientKey[i];
    }
    String last =
        client.say(base64(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)));
    if (!last.startsWith("334 ")) {
      return last;
    }
    String signature =
        Base64.getEncoder().encodeToString(hmac(hmac(salted, "Server Key"), message));
    assertThat(text(last.substring(4))).as("the server knows it too").isEqualTo("v=" + signature);
    return client.say("");
  }

  private static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
  }
}
