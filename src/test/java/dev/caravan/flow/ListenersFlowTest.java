package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Relay, submission and submissions: TLS, passwords, and what nobody gets without them. */
final class ListenersFlowTest {
  private static final String MESSAGE = "Subject: x\r\n\r\nhello\r\n";

  @TempDir Path data;
  private @org.jspecify.annotations.Nullable Certificates made;

  @BeforeEach
  void aCertificateAndAUser() throws Exception {
    Certificates certificates = Certificates.of("relay.example", Optional.empty());
    certificates.write(data, "server");
    made = certificates;
    UsersFile users = new UsersFile(data.resolve("users"));
    users.add(new Account("joe", true, List.of(), 0, 0), "pencil", true);
    users.add(new Account("ann", false, List.of(), 0, 0), "pencil", false);
  }

  private Map<String, String> options(Remote remote) {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.tls.certificate", data.resolve("server.crt").toString());
    options.put("caravan.tls.key", data.resolve("server.key").toString());
    options.put("caravan.users-file", data.resolve("users").toString());
    options.put("caravan.relay.networks", "");
    options.put("caravan.auth.delay", "0s");
    options.put("caravan.smtp.errors-max", "100");
    options.put("caravan.auth.failures-max", "1000");
    return options;
  }

  private static SSLContext trusting(Certificates... own) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Certificates one : own) {
      store.setKeyEntry(
          "own", one.keys().getPrivate(), new char[0], new Certificate[] {one.certificate()});
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
    return context;
  }

  private static String plain(String user, String password) {
    return "AUTH PLAIN "
        + Base64.getEncoder()
            .encodeToString(("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void submissionWantsTlsAndThenAPassword() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote));
        Client client = new Client(gateway.port("submission"))) {
      assertThat(client.ask("EHLO client.example"))
          .contains("250-STARTTLS")
          .noneMatch(l -> l.contains("AUTH"));
      assertThat(client.say("MAIL FROM:<a@sender.example>")).startsWith("530 5.7.0");
      assertThat(client.say(plain("joe", "pencil"))).startsWith("530 5.7.0");
      assertThat(client.say("STARTTLS")).startsWith("220 2.0.0");
      assertThat(client.encrypt(trusting())).startsWith("TLSv1.3 ");
      // what was said before counts no more
      assertThat(client.say("MAIL FROM:<a@sender.example>")).startsWith("503 5.5.1");
      assertThat(client.ask("EHLO client.example"))
          .contains("250-REQUIRETLS")
          .contains("250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN")
          .doesNotContain("250-STARTTLS");
      assertThat(client.say("STARTTLS")).startsWith("503 5.5.1");
      assertThat(client.say("MAIL FROM:<a@sender.example>")).startsWith("530 5.7.0");
      assertThat(client.say(plain("joe", "pen"))).startsWith("535 5.7.8");
      assertThat(client.say(plain("ann", "pencil"))).startsWith("535 5.7.13");
      assertThat(client.say("AUTH GSSAPI")).startsWith("504 5.5.4");
      assertThat(client.say("AUTH PLAIN !")).startsWith("501 5.5.2");
      assertThat(client.say("AUTH LOGIN")).isEqualTo("334 VXNlcm5hbWU6");
      assertThat(client.say("*")).startsWith("501 5.7.0");
      assertThat(client.say(plain("joe", "pencil"))).startsWith("235 2.7.0");
      assertThat(client.say(plain("joe", "pencil"))).startsWith("503 5.5.1");
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0");
      assertThat(remote.take().text())
          .contains("by relay.example (Caravan) with ESMTPSA")
          .contains("TLSv1.3");
    }
  }

  @Test
  void submissionsIsEncryptedFromTheFirstOctet() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote));
        Client client = Client.encrypted(gateway.port("submissions"), trusting())) {
      assertThat(client.reply()).startsWith("220 ");
      client.say("EHLO client.example");
      assertThat(client.say("AUTH LOGIN")).startsWith("334 ");
      assertThat(client.say("am9l")).isEqualTo("334 UGFzc3dvcmQ6");
      assertThat(client.say("cGVuY2ls")).startsWith("235 ");
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
      assertThat(client.say("QUIT")).startsWith("221 ");
      assertThat(client.reply()).isEmpty();
    }
  }

  /** What an attacker puts behind STARTTLS must not become the client's (CVE-2011-0411). */
  @Test
  void nothingReadAheadSurvivesStartTls() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote));
        Client client = new Client(gateway.smtpPort())) {
      client.raw("STARTTLS\r\nMAIL FROM:<attacker@evil.example>\r\n");
      assertThat(client.reply()).startsWith("554 5.5.1");
      assertThat(client.reply()).isEmpty();
    }
  }

  @Test
  void theRelayTakesPasswordsToo() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote));
        Client client = new Client(gateway.smtpPort())) {
      client.say("MAIL FROM:<a@sender.example>");
      assertThat(client.say("RCPT TO:<b@dest.example>")).startsWith("550 5.7.1");
      client.say("RSET");
      // never a password in clear text
      assertThat(client.say(plain("joe", "pencil"))).startsWith("538 5.7.11");
      client.say("STARTTLS");
      client.encrypt(trusting());
      client.say("EHLO client.example");
      assertThat(client.say(plain("joe", "pencil"))).startsWith("235 ");
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0");
      assertThat(remote.take().to()).containsExactly("b@dest.example");
    }
  }

  @Test
  void aCertificateOfOursIsAsGoodAsAPassword() throws Exception {
    Certificates authority = Certificates.of("authority.example", Optional.empty());
    authority.write(data, "ca");
    Certificates known = Certificates.of("printer.example", Optional.of(authority));
    Certificates stranger = Certificates.of("printer.example", Optional.empty());
    try (Remote remote = new Remote()) {
      Map<String, String> options = options(remote);
      options.put("caravan.tls.client-ca", data.resolve("ca.crt").toString());
      try (TestGateway gateway = TestGateway.start(data, options);
          Client ours = Client.encrypted(gateway.port("submissions"), trusting(known));
          Client other = Client.encrypted(gateway.port("submissions"), trusting(stranger))) {
        ours.reply();
        ours.say("EHLO printer.example");
        assertThat(ours.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250 2.0.0");
        other.reply();
        other.say("EHLO printer.example");
        assertThat(other.say("MAIL FROM:<a@sender.example>")).startsWith("530 5.7.0");
      }
    }
  }

  @Test
  void aNewCertificateIsUsedWithoutARestartAndABrokenOneIsNot() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote))) {
      int port = gateway.port("submissions");
      Files.writeString(data.resolve("server.key"), "half a ke");
      touch("server.key", 10);
      assertThat(shown(port)).isEqualTo(java.util.Objects.requireNonNull(made).certificate());
      Certificates fresh = Certificates.of("relay.example", Optional.empty());
      fresh.write(data, "server");
      touch("server.key", 20);
      X509Certificate now = shown(port);
      long deadline = System.nanoTime() + java.time.Duration.ofSeconds(30).toNanos();
      while (!now.equals(fresh.certificate()) && System.nanoTime() - deadline < 0) {
        Thread.sleep(50);
        now = shown(port);
      }
      assertThat(now).isEqualTo(fresh.certificate());
    }
  }

  private void touch(String name, int seconds) throws Exception {
    Files.setLastModifiedTime(
        data.resolve(name), FileTime.from(Instant.now().plusSeconds(seconds)));
  }

  private static X509Certificate shown(int port) throws Exception {
    Anybody.last = null;
    try (Client client = Client.encrypted(port, trusting())) {
      client.reply();
    }
    X509Certificate seen = Anybody.last;
    if (seen == null) {
      throw new AssertionError("no certificate was shown");
    }
    return seen;
  }

  @Test
  void theLastCertificateIsChosenByName() throws Exception {
    Certificates other = Certificates.of("other.example", Optional.empty());
    other.write(data, "other");
    try (Remote remote = new Remote()) {
      Map<String, String> options = options(remote);
      options.put(
          "caravan.tls.certificate", data.resolve("other.crt") + "," + data.resolve("server.crt"));
      options.put("caravan.tls.key", data.resolve("other.key") + "," + data.resolve("server.key"));
      try (TestGateway gateway = TestGateway.start(data, options)) {
        assertThat(shown(gateway.port("submissions")))
            .isEqualTo(java.util.Objects.requireNonNull(made).certificate());
      }
    }
  }

  @Test
  void withoutUsersSubmissionIsOffUntilThereAreSome() throws Exception {
    Files.delete(data.resolve("users"));
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote))) {
      assertThat(gateway.port("submission")).isZero();
      assertThat(gateway.smtpPort()).isPositive();
    }
  }

  /** Trusts whoever it meets, and remembers whom. */
  private static final class Anybody extends X509ExtendedTrustManager {
    private static volatile @org.jspecify.annotations.Nullable X509Certificate last;

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      last = chain[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket s) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket s) {
      last = chain[0];
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine e) {}

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine e) {
      last = chain[0];
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
