package dev.caravan.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.EmailAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FileUsersTest {
  @TempDir Path dir;
  private Path path = Path.of("");
  private UsersFile file = new UsersFile(path);

  @BeforeEach
  void inTheFolder() {
    path = dir.resolve("config/users");
    file = new UsersFile(path);
  }

  private static Account account(String name, String... senders) {
    return new Account(name, true, List.of(senders), 100, 0);
  }

  @Test
  void whoIsAddedCanLogInAndNobodyElse() throws Exception {
    assertThat(new FileUsers(path.toString()).isEmpty()).isTrue();
    assertThat(file.add(account("joe", "example.com"), "päss wörd", false)).isTrue();
    assertThat(file.add(account("joe"), "other", false)).isFalse();
    FileUsers users = new FileUsers(path.toString());
    assertThat(users.isEmpty()).isFalse();
    assertThat(users.verify("joe", "päss wörd")).isTrue();
    assertThat(users.verify("joe", "päss wörd")).as("remembered").isTrue();
    // composed of other characters, the same to the eye (RFC 4013)
    assertThat(users.verify("joe", "pa\u0308ss wo\u0308rd")).isTrue();
    assertThat(users.verify("joe", "pass")).isFalse();
    assertThat(users.verify("nobody", "päss wörd")).isFalse();
    assertThat(users.find("joe")).contains(account("joe", "example.com"));
    assertThat(users.scram("joe")).isPresent();
    assertThat(users.secret("joe")).isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(path)).doesNotContain("päss");
  }

  @Test
  void changesKeepEverythingElse() throws Exception {
    file.add(account("joe"), "one", true);
    Files.writeString(path, "# ours\n\n" + Files.readString(path) + "broken line\n");
    file.add(account("ann"), "two", false);
    assertThat(file.changePassword("joe", "three")).isTrue();
    assertThat(file.setEnabled("ann", false)).isTrue();
    assertThat(file.remove("nobody")).isFalse();
    assertThat(file.setEnabled("nobody", true)).isFalse();
    assertThat(file.changePassword("nobody", "x")).isFalse();
    assertThat(Files.readAllLines(path)).startsWith("# ours", "").contains("broken line");
    FileUsers users = new FileUsers(path.toString());
    assertThat(users.verify("joe", "one")).isFalse();
    assertThat(users.verify("joe", "three")).isTrue();
    assertThat(users.secret("joe")).contains("three");
    assertThat(users.find("ann").orElseThrow().enabled()).isFalse();
    assertThat(file.list()).extracting(Account::name).containsExactly("joe", "ann");
    assertThat(file.remove("joe")).isTrue();
    assertThat(file.list()).extracting(Account::name).containsExactly("ann");
  }

  @Test
  void aSizeIsKept() throws Exception {
    Account large = new Account("joe", true, List.of(), 0, 0, 10L << 20);
    file.add(large, "one", false);
    file.add(new Account("ann", true, List.of(), 0, 0, 1_000), "one", false);
    file.setEnabled("joe", false);
    file.setEnabled("joe", true);
    assertThat(Files.readString(path)).contains(" size=10MB\n", " size=1000\n");
    assertThat(new FileUsers(path.toString()).find("joe")).contains(large);
    assertThat(file.list()).extracting(Account::sizeMax).containsExactly(10L << 20, 1_000L);
  }

  /** As other programs write them. */
  @Test
  void takesHashesMadeElsewhere() throws Exception {
    Files.createDirectories(path.getParent());
    Files.writeString(
        path,
        "pg:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n");
    FileUsers users = new FileUsers(path.toString());
    byte[] salt = java.util.Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    assertThat(users.scram("pg")).contains(ScramKeys.of("pencil", salt, 4096));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:b", "#a", "a\tb"})
  void aNameThatWouldBreakTheFileIsRefused(String name) {
    assertThatThrownBy(() -> file.add(account(name), "x", false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "joe",
        "joe:secret",
        "joe:$argon2id$v=19$m=99999999,t=2,p=1$YWFhYWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYQ",
        "joe:SCRAM-SHA-256$x",
        "joe:messages=many",
        "joe:size=big",
        "joe:senders=a b"
      })
  void aLineThatIsWrongIsTold(String line) {
    assertThatThrownBy(() -> UserLine.parse(line)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "a@example.com, a@example.com, true",
    "a@example.com, A@example.com, true",
    "a@example.com, b@example.com, false",
    "example.com, b@example.com, true",
    "example.com, b@sub.example.com, false",
    ".example.com, b@sub.example.com, true",
    ".example.com, b@notexample.com, false"
  })
  void sendersAreAddressesAndDomains(String pattern, String address, boolean may) {
    assertThat(account("joe", pattern).maySendAs(EmailAddress.parse(address))).isEqualTo(may);
  }
}
