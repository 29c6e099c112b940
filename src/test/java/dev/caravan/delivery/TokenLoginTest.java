package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.auth.OAuth;
import dev.caravan.delivery.auth.TokenCredentials;
import dev.caravan.delivery.auth.TokenServer;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Access tokens over SMTP: where they come from, and what happens when one is refused. */
final class TokenLoginTest {
  private static final char A = '\u0001';
  private static final String ONE =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
  private static final String INVALID = base64("{\"status\":\"401\",\"schemes\":\"bearer\"}");

  @Test
  void xoauth2() throws Exception {
    try (TokenServer tokens = new TokenServer();
        ScriptedServer server =
            ScriptedServer.start(
                offering("XOAUTH2 LOGIN") + xoauth2("token-1") + "S 235 ok\n" + ONE)) {
      assertThat(endings(send(server, login(tokens)))).containsExactly("x delivered 250 taken");
      assertThat(server.surprises()).isEmpty();
    }
  }

  @Test
  void oauthbearerGoesBeforeXoauth2() throws Exception {
    try (TokenServer tokens = new TokenServer();
        ScriptedServer server = ScriptedServer.start()) {
      server.then(
          offering("XOAUTH2 OAUTHBEARER") + oauthbearer(server, "token-1") + "S 235 ok\n" + ONE);
      assertThat(endings(send(server, login(tokens)))).containsExactly("x delivered 250 taken");
      assertThat(server.surprises()).isEmpty();
    }
  }

  @Test
  void aRefusedTokenIsFetchedOnceAnewAndTheMailGoesAtOnce() throws Exception {
    try (TokenServer tokens = new TokenServer();
        ScriptedServer server = ScriptedServer.start()) {
      server.then(
          offering("XOAUTH2")
              + xoauth2("token-1")
              + "S 334 "
              + INVALID
              + "\nC \nS 535 5.7.3 unsuccessful\n"
              + xoauth2("token-2")
              + "S 235 ok\n"
              + ONE,
          offering("OAUTHBEARER")
              + oauthbearer(server, "token-2")
              + "S 334 "
              + INVALID
              + "\nC AQ==\nS 535 5.7.8 no\n");
      Credentials joe = login(tokens);
      assertThat(endings(send(server, joe))).containsExactly("x delivered 250 taken");
      assertThat(tokens.requests()).hasSize(2);
      // so soon another one would not help
      Attempt refused = send(server, joe);
      assertThat(endings(refused).getFirst())
          .startsWith("x deferred 451 4.7.8 ")
          .contains("refuses our login as joe: 535 5.7.8 no ({\"status\":\"401\"");
      assertThat(tokens.requests()).hasSize(2);
      assertThat(server.surprises()).isEmpty();
      for (String secret : List.of("token-1", "token-2", "auth=Bearer")) {
        assertThat(refused.transcript().toString()).doesNotContain(secret, base64(secret));
      }
    }
  }

  @Test
  void withoutATokenTheServerIsNotEvenCalled() throws Exception {
    try (TokenServer tokens = new TokenServer();
        ScriptedServer server = ScriptedServer.start()) {
      tokens.answers(form -> TokenServer.json(400, "{\"error\":\"invalid_grant\"}"));
      Attempt attempt = send(server, login(tokens));
      assertThat(endings(attempt).getFirst())
          .startsWith("x deferred 451 4.7.0 ")
          .endsWith("the token endpoint 127.0.0.1 said 400 invalid_grant");
      assertThat(attempt.trouble()).isPresent();
      assertThat(server.heard()).isEmpty();
    }
  }

  @Test
  void aLongTokenWaitsUntilItIsAskedFor() throws Exception {
    String token = "t".repeat(2000);
    try (TokenServer tokens = new TokenServer();
        ScriptedServer server =
            ScriptedServer.start(
                offering("XOAUTH2")
                    + "C AUTH XOAUTH2\nS 334 \nC "
                    + base64("user=joe" + A + "auth=Bearer " + token + A + A)
                    + "\nS 235 ok\n"
                    + ONE)) {
      tokens.answers(form -> TokenServer.token(token, 60));
      assertThat(endings(send(server, login(tokens)))).containsExactly("x delivered 250 taken");
      assertThat(server.surprises()).isEmpty();
    }
  }

  private static Credentials login(TokenServer tokens) {
    OAuth oauth = new OAuth();
    oauth.setEndpoint(tokens.url());
    oauth.setClientId("caravan");
    oauth.setClientSecret("s3cret");
    return new TokenCredentials("joe", oauth, List.of(), false);
  }

  private static String offering(String mechanisms) {
    return "S 220 hello\nC EHLO\nS 250-remote\nS 250 AUTH " + mechanisms + "\n";
  }

  private static String xoauth2(String token) {
    return "C AUTH XOAUTH2 " + base64("user=joe" + A + "auth=Bearer " + token + A + A) + "\n";
  }

  private static String oauthbearer(ScriptedServer server, String token) {
    String message =
        "n,a=joe,"
            + A
            + "host=smarthost.example"
            + A
            + "port="
            + server.port()
            + A
            + "auth=Bearer "
            + token
            + A
            + A;
    return "C AUTH OAUTHBEARER " + base64(message) + "\n";
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
