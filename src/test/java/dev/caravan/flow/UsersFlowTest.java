package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users kept elsewhere, by the beans that {@code src/docs/users.md} shows. */
final class UsersFlowTest {
  private static final String MESSAGE = "From: joe@example.com\r\nSubject: x\r\n\r\nhello\r\n";
  private static final Pattern SHIPPED =
      Pattern.compile("<bean name=\"users\" .*?</bean>", Pattern.DOTALL);

  @TempDir Path temp;
  private SSLContext trusting;

  @BeforeEach
  void aCertificate() throws Exception {
    Certificates certificates = Certificates.of("relay.example", Optional.empty());
    certificates.write(temp, "server");
    trusting = certificates.trusting();
  }

  /** The bean of the documentation that holds this, for the one of the file. */
  private TestGateway gateway(Remote remote, String type, Map<String, String> changes)
      throws Exception {
    Matcher example =
        Pattern.compile(
                "<bean name=\"users\" type=\"" + Pattern.quote(type) + "\">.*?</bean>",
                Pattern.DOTALL)
            .matcher(Files.readString(Path.of("src/docs/users.md")));
    assertThat(example.find()).as("an example of " + type).isTrue();
    String bean = example.group();
    for (Map.Entry<String, String> change : changes.entrySet()) {
      assertThat(bean).contains(change.getKey());
      bean = bean.replace(change.getKey(), change.getValue());
    }
    Path routes = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, routes.resolve(file.getFileName()));
      }
    }
    Path beans = routes.resolve("beans.xml");
    Matcher users = SHIPPED.matcher(Files.readString(beans));
    Files.writeString(beans, users.replaceFirst(Matcher.quoteReplacement(bean)));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.routes-dir", routes.toString());
    options.put("caravan.tls.certificate", temp.resolve("server.crt").toString());
    options.put("caravan.tls.key", temp.resolve("server.key").toString());
    options.put("caravan.relay.networks", "");
    options.put("caravan.auth.delay", "0s");
    return TestGateway.start(temp.resolve("data"), options);
  }

  private static String plain(String password) {
    byte[] octets = ("\0joe\0" + password).getBytes(StandardCharsets.UTF_8);
    return "AUTH PLAIN " + Base64.getEncoder().encodeToString(octets);
  }

  private void logsInAndSends(TestGateway gateway, Remote remote) throws Exception {
    try (Client client = new Client(gateway.port("submission"))) {
      client.say("STARTTLS");
      client.encrypt(trusting);
      client.say("EHLO client.example");
      assertThat(client.say(plain("eraser"))).startsWith("535 5.7.8");
      assertThat(client.say(plain("pencil"))).startsWith("235 ");
      assertThat(client.say("MAIL FROM:<ann@example.com>")).startsWith("553 5.7.1");
      assertThat(client.send("joe@example.com", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0");
      assertThat(remote.take().from()).isEqualTo("joe@example.com");
    }
  }

  @Test
  void inADatabase() throws Exception {
    String url = "jdbc:h2:mem:flow";
    try (Connection kept = DriverManager.getConnection(url, "sa", "");
        Remote remote = new Remote()) {
      try (var statement = kept.createStatement()) {
        statement.execute(
            "CREATE TABLE mailbox (name VARCHAR, password VARCHAR, active BOOLEAN, senders"
                + " VARCHAR)");
        statement.execute(
            "INSERT INTO mailbox VALUES ('joe', '"
                + "$2b$06$DCq7YPn5Rq63x1Lad4cll.lDso7PFus1VN41qbjsuwNTOGIdoR2iG"
                + "', TRUE, 'joe@example.com')");
      }
      try (TestGateway gateway =
          gateway(
              remote,
              "dev.caravan.auth.SqlUsers",
              Map.of(
                  "jdbc:postgresql://db.example/mail",
                  url,
                  "value=\"relay\"",
                  "value=\"sa\"",
                  "{{env:USERS_DB_PASSWORD}}",
                  ""))) {
        logsInAndSends(gateway, remote);
      }
    }
  }

  @Test
  void inADirectory() throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.addAdditionalBindCredentials("cn=relay,dc=example,dc=com", "search");
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig("ldap", InetAddress.getLoopbackAddress(), 0, null));
    config.setSchema(null);
    try (Remote remote = new Remote();
        InMemoryDirectoryServer directory = new InMemoryDirectoryServer(config)) {
      directory.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
      directory.add(
          "dn: ou=people,dc=example,dc=com", "objectClass: organizationalUnit", "ou: people");
      directory.add(
          "dn: uid=joe,ou=people,dc=example,dc=com",
          "objectClass: inetOrgPerson",
          "uid: joe",
          "mail: joe@example.com",
          "userPassword: pencil");
      directory.startListening();
      try (TestGateway gateway =
          gateway(
              remote,
              "dev.caravan.auth.LdapUsers",
              Map.of(
                  "ldaps://ldap.example",
                  "ldap://127.0.0.1:" + directory.getListenPort(),
                  "{{env:USERS_LDAP_PASSWORD}}",
                  "search"))) {
        logsInAndSends(gateway, remote);
      }
    }
  }
}
