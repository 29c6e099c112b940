package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.auth.PasswordCredentials;
import dev.caravan.delivery.auth.Secret;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Passwords over SMTP, and what becomes of the mail when they are not taken. */
final class SmtpLoginTest {
  private static final String ONE =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
  private static final String PLAIN = "C AUTH PLAIN " + base64("\0joe\0s3cret") + "\n";
  private static final String LOGIN =
      "C AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC "
          + base64("joe")
          + "\nS 334 UGFzc3dvcmQ6\nC "
          + base64("s3cret")
          + "\n";

  /** The digest is that of Python's hmac module. */
  private static final String CRAM =
      "C AUTH CRAM-MD5\nS 334 "
          + base64("<1@x>")
          + "\nC "
          + base64("joe 3a871483302f2468ce31bf927949700a")
          + "\n";

  @TempDir Path dir;

  static Stream<Arguments> logins() {
    String refused = "x deferred 451 4.7.8 ";
    String later = "x deferred 451 4.7.0 ";
    String ok = "S 235 ok\n";
    return Stream.of(
        arguments("PLAIN LOGIN", PLAIN + ok + ONE, "x delivered"),
        arguments("login plain", PLAIN + ok + ONE, "x delivered"),
        arguments("=PLAIN", PLAIN + ok + ONE, "x delivered"),
        arguments("LOGIN CRAM-MD5", LOGIN + ok + ONE, "x delivered"),
        arguments("CRAM-MD5", CRAM + ok + ONE, "x delivered"),
        arguments("CRAM-MD5 GSSAPI", CRAM + ok + ONE, "x delivered"),
        // what is wrong with the password is not wrong with the mail
        arguments("PLAIN", PLAIN + "S 535 5.7.8 wrong\n", refused),
        arguments("PLAIN LOGIN", PLAIN + "S 535 5.7.8 wrong\n", refused),
        arguments("PLAIN", PLAIN + "S 550 5.7.1 blocked\n", refused),
        arguments("PLAIN", PLAIN + "S 454 4.7.0 not now\n", later),
        arguments("LOGIN", LOGIN + "S 535 5.7.8 wrong\n", refused),
        arguments("CRAM-MD5", CRAM + "S 535 5.7.8 wrong\n", refused),
        // the mechanism is wrong: there may be another
        arguments("PLAIN LOGIN", PLAIN + "S 504 5.5.4 no\n" + LOGIN + ok + ONE, "x delivered"),
        arguments("PLAIN LOGIN", PLAIN + "S 534 5.7.9 weak\n" + LOGIN + ok + ONE, "x delivered"),
        arguments("LOGIN", "C AUTH LOGIN\nS 504 5.5.4 no\n", refused),
        // servers that ask what can't be answered are told "*"
        arguments("PLAIN", PLAIN + "S 334 YQ==\nC *\n", refused),
        arguments("LOGIN", LOGIN + "S 334 YQ==\nC *\n", refused),
        arguments("CRAM-MD5", "C AUTH CRAM-MD5\nS 334 \nC *\n", refused),
        arguments("CRAM-MD5", "C AUTH CRAM-MD5\nS 334 ????\nC *\n", "x deferred 451 4.4.2 "),
        arguments("SCRAM-SHA-256", "C AUTH SCRAM-SHA-256 \nS 334 YQ==\nC *\n", refused),
        arguments("SCRAM-SHA-256", "C AUTH SCRAM-SHA-256 \nS 235 fine\n", refused),
        arguments("PLAIN", PLAIN + "S 421 4.3.2 bye\n", later),
        arguments("PLAIN", PLAIN + "CLOSE\n", "x deferred 451 4.4.2 "),
        arguments("GSSAPI NTLM", "", "x deferred 451 4.7.4 "),
        arguments("", "", "x deferred 451 4.7.4 "));
  }

  @ParameterizedTest
  @MethodSource
  void logins(String mechanisms, String rest, String ending) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(offering(mechanisms) + rest)) {
      Attempt attempt = send(server, Deliveries.login("joe", "s3cret"));
      assertThat(endings(attempt).getFirst()).startsWith(ending).doesNotContain("s3cret");
      assertThat(attempt.transcript().toString())
          .doesNotContain("s3cret", base64("s3cret"), base64("\0joe\0s3cret"));
      assertThat(server.surprises()).isEmpty();
      assertThat(attempt.failed()).isEmpty();
    }
  }

  @Test
  void whatIsWrongIsToldPlainly() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(offering("PLAIN") + PLAIN + "S 535 5.7.8 no\n")) {
      Attempt attempt = send(server, Deliveries.login("joe", "s3cret"));
      assertThat(endings(attempt).getFirst())
          .isEqualTo(
              "x deferred 451 4.7.8 smarthost.example[127.0.0.1]:"
                  + server.port()
                  + " refuses our login as joe: 535 5.7.8 no");
      assertThat(attempt.trouble()).isPresent();
    }
  }

  @Test
  void anotherPasswordInTheFileCountsAtOnce() throws Exception {
    Path file = Files.writeString(dir.resolve("password"), "wrong\n");
    Credentials joe = new PasswordCredentials("joe", Secret.of("file:" + file), List.of(), false);
    String wrong = "C AUTH PLAIN " + base64("\0joe\0wrong") + "\nS 535 5.7.8 no\n";
    try (ScriptedServer server =
        ScriptedServer.start(
            offering("PLAIN") + wrong, offering("PLAIN") + PLAIN + "S 235 ok\n" + ONE)) {
      assertThat(endings(send(server, joe)).getFirst()).startsWith("x deferred 451 4.7.8 ");
      Files.writeString(file, "s3cret\n");
      assertThat(endings(send(server, joe))).containsExactly("x delivered 250 taken");
      assertThat(server.surprises()).isEmpty();
      Files.delete(file);
      assertThat(endings(send(server, joe)).getFirst())
          .startsWith("x deferred 451 4.7.0 ")
          .contains("the secret file:" + file + " can't be read");
    }
  }

  @Test
  void aLongFirstAnswerWaitsUntilItIsAskedFor() throws Exception {
    String password = "p".repeat(400);
    String script =
        "C AUTH PLAIN\nS 334 \nC " + base64("\0joe\0" + password) + "\nS 235 ok\n" + ONE;
    try (ScriptedServer server = ScriptedServer.start(offering("PLAIN") + script)) {
      assertThat(endings(send(server, Deliveries.login("joe", password))))
          .containsExactly("x delivered 250 taken");
      assertThat(server.surprises()).isEmpty();
      assertThat(server.heard()).contains("AUTH PLAIN");
    }
  }

  private static String offering(String mechanisms) {
    return "S 220 hello\nC EHLO\nS 250-remote\nS 250 "
        + (mechanisms.isEmpty()
            ? "8BITMIME"
            : mechanisms.startsWith("=") ? "AUTH" + mechanisms : "AUTH " + mechanisms)
        + "\n";
  }

  private static Attempt send(ScriptedServer server, Credentials login) throws Exception {
    Hop hop =
        new Hop(
            "smarthost.example",
            InetAddress.getLoopbackAddress(),
            server.port(),
            TlsMode.NONE,
            Optional.of(login));
    return Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
