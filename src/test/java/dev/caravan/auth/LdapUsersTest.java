package dev.caravan.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users of a real directory. */
final class LdapUsersTest {
  private static final String BASE = "ou=people,dc=example,dc=com";
  private InMemoryDirectoryServer directory;

  @BeforeEach
  void aDirectory() throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.addAdditionalBindCredentials("cn=relay,dc=example,dc=com", "search");
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig("ldap", InetAddress.getLoopbackAddress(), 0, null));
    config.setSchema(null);
    directory = new InMemoryDirectoryServer(config);
    directory.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
    directory.add("dn: " + BASE, "objectClass: organizationalUnit", "ou: people");
    person("joe", "pencil", "joe@example.com");
    person("ann", "eraser", "ann@example.com");
    directory.add(
        "dn: uid=mute," + BASE, "objectClass: account", "uid: mute", "userPassword: pencil");
    directory.startListening();
  }

  private void person(String name, String password, String mail) throws Exception {
    directory.add(
        "dn: uid=" + name + "," + BASE,
        "objectClass: inetOrgPerson",
        "uid: " + name,
        "cn: " + name,
        "sn: " + name,
        "mail: " + mail,
        "userPassword: " + password);
  }

  @AfterEach
  void close() {
    directory.shutDown(true);
  }

  private LdapUsers users(String filter, String senders) {
    return new LdapUsers(
        "ldap://127.0.0.1:" + directory.getListenPort(),
        "cn=relay,dc=example,dc=com",
        "search",
        BASE,
        filter,
        senders,
        "1m");
  }

  @Test
  void whoCanBindIsTheUser() {
    LdapUsers users = users("(uid={0})", "mail");
    assertThat(users.verify("joe", "pencil")).isTrue();
    assertThat(users.verify("joe", "eraser")).isFalse();
    assertThat(users.verify("nobody", "pencil")).isFalse();
    assertThat(users.find("joe"))
        .contains(new Account("joe", true, List.of("joe@example.com"), 0, 0));
    assertThat(users.find("nobody")).isEmpty();
    assertThat(users.find("mute").orElseThrow().senders()).containsExactly("nobody@invalid");
    assertThat(users("(uid={0})", "").find("joe").orElseThrow().senders()).isEmpty();
  }

  /** RFC 4513, 5.1.2: a bind without a password succeeds as nobody. */
  @Test
  void anEmptyPasswordIsNone() {
    assertThat(users("(uid={0})", "").verify("joe", "")).isFalse();
  }

  /** What is typed as a name is no filter. */
  @Test
  void namesAreNoFilters() {
    LdapUsers users = users("(uid={0})", "");
    for (String name : List.of("*", "j*", "joe)(uid=*", "*)(objectClass=*", "joe\\2a")) {
      assertThat(users.find(name)).as(name).isEmpty();
      assertThat(users.verify(name, "pencil")).as(name).isFalse();
    }
  }

  @Test
  void whoIsTwoIsNobody() {
    LdapUsers users = users("(|(uid={0})(uid=ann))", "");
    assertThat(users.find("joe")).isEmpty();
    assertThat(users.find("ann")).isPresent();
  }

  @Test
  void aDirectoryThatIsAwayIsNoWrongPassword() {
    LdapUsers users = users("(uid={0})", "");
    directory.shutDown(true);
    assertThatThrownBy(() -> users.verify("joe", "pencil"))
        .isInstanceOf(Users.UsersUnavailableException.class);
  }

  /** It gives no hashes away, so SCRAM and CRAM-MD5 could only fail. */
  @Test
  void onlyWhatBringsThePasswordIsOffered() {
    Mechanisms mechanisms =
        new Mechanisms(
            users("(uid={0})", ""),
            new JwtTokens("", "", "", "email"),
            new LoginGuard(3, "1h", "1h", "1s"),
            "scram-sha-256-plus,scram-sha-256,cram-md5,plain,login");
    assertThat(
            mechanisms.offered(
                dev.caravan.mail.Origin.smtp(
                    new java.net.InetSocketAddress("192.0.2.1", 1),
                    false,
                    java.time.Instant.EPOCH)))
        .containsExactly("PLAIN", "LOGIN");
  }
}
