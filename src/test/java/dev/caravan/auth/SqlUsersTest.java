package dev.caravan.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users of a real database. */
final class SqlUsersTest {
  private static final String URL = "jdbc:h2:mem:users";
  private static final String QUERY =
      "SELECT password AS hash, active AS enabled, senders, messages, 0 AS recipients,"
          + " CASE WHEN active THEN '10MB' END AS size"
          + " FROM mailbox WHERE name = ?";

  private Connection keptOpen;

  @BeforeEach
  void aDatabase() throws Exception {
    keptOpen = DriverManager.getConnection(URL, "sa", "");
    execute(
        "CREATE TABLE mailbox (name VARCHAR PRIMARY KEY, password VARCHAR, active BOOLEAN,"
            + " senders VARCHAR, messages INT)");
    insert(
        "joe", Passwords.hash("pencil", new SecureRandom()), true, "a@example.com, .example.org");
    String scram = ScramKeys.of("pencil", new byte[16], 4096).text();
    insert("ann", "{CLEAR}cGVuY2ls " + scram, false, null);
    // What other programs made: by glibc's crypt.
    insert("old", "$2b$06$DCq7YPn5Rq63x1Lad4cll.lDso7PFus1VN41qbjsuwNTOGIdoR2iG", true, "");
    insert("odd", "$2b$31$DCq7YPn5Rq63x1Lad4cll.lDso7PFus1VN41qbjsuwNTOGIdoR2iG", true, "");
    insert("plain", "pencil", true, "");
  }

  @AfterEach
  void close() throws Exception {
    execute("SHUTDOWN");
    keptOpen.close();
  }

  private void execute(String sql) throws Exception {
    try (PreparedStatement statement = keptOpen.prepareStatement(sql)) {
      statement.execute();
    }
  }

  private void insert(String name, String hash, boolean active, @Nullable String senders)
      throws Exception {
    try (PreparedStatement statement =
        keptOpen.prepareStatement("INSERT INTO mailbox VALUES (?, ?, ?, ?, 7)")) {
      statement.setString(1, name);
      statement.setString(2, hash);
      statement.setBoolean(3, active);
      statement.setString(4, senders);
      statement.execute();
    }
  }

  private static SqlUsers users(String remembered) {
    return new SqlUsers(URL, "sa", "", QUERY, remembered);
  }

  @Test
  void rowsAreUsers() {
    try (SqlUsers users = users("1m")) {
      assertThat(users.isEmpty()).isFalse();
      assertThat(users.verify("joe", "pencil")).isTrue();
      assertThat(users.verify("joe", "pen")).isFalse();
      assertThat(users.find("joe"))
          .contains(
              new Account("joe", true, List.of("a@example.com", ".example.org"), 7, 0, 10L << 20));
      assertThat(users.scram("joe")).isEmpty();
      assertThat(users.find("ann")).contains(new Account("ann", false, List.of(), 7, 0));
      assertThat(users.scram("ann")).contains(ScramKeys.of("pencil", new byte[16], 4096));
      assertThat(users.secret("ann")).contains("pencil");
      assertThat(users.verify("ann", "pencil")).as("there is no hash").isFalse();
    }
  }

  @Test
  void whatIsNoUserIsNobody() {
    try (SqlUsers users = users("1m")) {
      for (String name :
          List.of("nobody", "", "' OR name = 'joe", "joe'--", "joe:x", "plain", "odd")) {
        assertThat(users.find(name)).as(name).isEmpty();
        assertThat(users.verify(name, "pencil")).as(name).isFalse();
      }
    }
  }

  @Test
  void hashesOfBcryptAreRead() {
    try (SqlUsers users = users("1m")) {
      assertThat(users.verify("old", "pencil")).isTrue();
      assertThat(users.verify("old", "x")).isFalse();
      assertThat(users.verify("old", "x".repeat(100))).isFalse();
    }
  }

  @Test
  void aChangeCountsWhenTheTimeIsOver() throws Exception {
    try (SqlUsers remembering = users("1h");
        SqlUsers asking = users("0s")) {
      assertThat(remembering.find("joe")).isPresent();
      assertThat(asking.find("joe")).isPresent();
      execute("DELETE FROM mailbox");
      assertThat(remembering.find("joe")).isPresent();
      assertThat(asking.find("joe")).isEmpty();
    }
  }

  /** Nobody is told a wrong password because the database is away. */
  @Test
  void aDatabaseThatIsAwayIsNoWrongPassword() {
    try (SqlUsers users = new SqlUsers(URL, "sa", "", "SELECT 1 FROM nowhere WHERE x = ?", "1m")) {
      assertThatThrownBy(() -> users.verify("joe", "pencil"))
          .isInstanceOf(Users.UsersUnavailableException.class);
      Mechanisms mechanisms =
          new Mechanisms(
              users,
              new JwtTokens("", "", "", "email"),
              new LoginGuard(3, "1h", "1h", "1s"),
              "plain");
      assertThat(
              mechanisms
                  .begin(
                      "PLAIN",
                      dev.caravan.mail.Origin.smtp(
                          new java.net.InetSocketAddress("192.0.2.1", 1),
                          false,
                          java.time.Instant.EPOCH))
                  .orElseThrow()
                  .next(
                      Optional.of(
                          "\0joe\0pencil".getBytes(java.nio.charset.StandardCharsets.UTF_8))))
          .extracting(r -> ((dev.caravan.smtp.Authentication.Result.Failure) r).reply().code())
          .isEqualTo(454);
    }
  }
}
