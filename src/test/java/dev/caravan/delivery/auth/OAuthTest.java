package dev.caravan.delivery.auth;

import static dev.caravan.delivery.auth.TokenServer.json;
import static dev.caravan.delivery.auth.TokenServer.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access tokens from a scripted endpoint. */
final class OAuthTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final AtomicLong now = new AtomicLong(1);
  private final TokenServer server;

  @TempDir Path dir;

  OAuthTest() throws IOException {
    server = new TokenServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private OAuth client() {
    OAuth oauth = new OAuth(now::get);
    oauth.setEndpoint(server.url());
    oauth.setClientId("client 1");
    oauth.setClientSecret("s&cret");
    oauth.setScope("https://outlook.office365.com/.default");
    return oauth;
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void clientCredentials() throws Exception {
    assertThat(client().token()).isEqualTo("token-1");
    assertThat(server.requests())
        .containsExactly(
            Map.of(
                "grant_type", "client_credentials",
                "scope", "https://outlook.office365.com/.default",
                "client_id", "client 1",
                "client_secret", "s&cret"));
    assertThat(server.authorizations()).containsExactly("null");
  }

  @Test
  void theSecretMayGoIntoTheHeader() throws Exception {
    OAuth oauth = client();
    oauth.setAuthentication("basic");
    assertThat(oauth.token()).isEqualTo("token-1");
    assertThat(server.requests().getFirst()).containsOnlyKeys("grant_type", "scope");
    String header = server.authorizations().getFirst();
    assertThat(new String(Base64.getDecoder().decode(header.replace("Basic ", ""))))
        .isEqualTo("client+1:s%26cret");
  }

  @Test
  void itIsKeptUntilShortlyBeforeItExpiresAndRenewedWhileItIsUsed() throws Exception {
    OAuth oauth = client();
    assertThat(oauth.token()).isEqualTo("token-1");
    pass(Duration.ofSeconds(3600 - 61));
    assertThat(oauth.token()).isEqualTo("token-1");
    assertThat(server.requests()).hasSize(1);
    pass(Duration.ofSeconds(30));
    assertThat(oauth.token()).as("nobody waits while it can be used").isEqualTo("token-1");
    until(() -> oauth.token().equals("token-2"));
    assertThat(server.requests()).hasSize(2);
    pass(Duration.ofSeconds(3600 - 4));
    assertThat(oauth.token()).as("about to expire: waits").isEqualTo("token-3");
  }

  @Test
  void oneFetchForAllWhoNeedOne() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    server.answers(
        form -> {
          await(open);
          return server.next(3600);
        });
    OAuth oauth = client();
    Set<String> tokens = ConcurrentHashMap.newKeySet();
    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        workers.add(pool.submit(() -> tokens.add(oauth.token())));
      }
      until(() -> !server.requests().isEmpty());
      open.countDown();
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
    assertThat(tokens).containsExactly("token-1");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aRefusedTokenIsReplacedOnceInAMinute() throws Exception {
    OAuth oauth = client();
    assertThat(oauth.token()).isEqualTo("token-1");
    assertThat(oauth.refused("token-1")).isTrue();
    assertThat(oauth.refused("token-1")).as("told by a second worker").isTrue();
    assertThat(oauth.token()).isEqualTo("token-2");
    assertThat(oauth.refused("token-1")).as("there is another by now").isTrue();
    assertThat(oauth.refused("token-2")).as("a fresh one does not help").isFalse();
    assertThat(oauth.token()).isEqualTo("token-2");
    assertThat(server.requests()).hasSize(2);
    pass(LONG);
    assertThat(oauth.refused("token-2")).isTrue();
    assertThat(oauth.token()).isEqualTo("token-3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | {"error":"invalid_grant","error_description":"AADSTS70000: revoked\\r\\nTrace"} | 400 invalid_grant: AADSTS70000: revoked Trace
          401 | {"error":"invalid_client"}                          | said 401 invalid_client
          401 | {"error":"invalid_client","error_description":"secret s&cret is wrong"} | secret **** is wrong
          500 | <html>oops</html>                                   | said 500
          302 | {}                                                  | said 302
          200 | not json                                            | gave no access_token
          200 | {}                                                  | gave no access_token
          200 | []                                                  | gave no access_token
          200 | {"access_token":"a b"}                              | gave no access_token
          200 | {"access_token":"t","token_type":"mac"}             | another type than Bearer
          """)
  void trouble(int status, String body, String told) {
    server.answers(form -> json(status, body));
    OAuth oauth = client();
    assertThatThrownBy(oauth::token)
        .isInstanceOf(AuthException.class)
        .hasMessageContaining("the token endpoint 127.0.0.1 ")
        .hasMessageContaining(told)
        .message()
        .doesNotContain("s&cret");
  }

  @Test
  void anAnswerThatNeverEndsOrIsTooLongIsTrouble() {
    OAuth oauth = client();
    oauth.setTimeout("300ms");
    oauth.setPause("0s");
    CountDownLatch never = new CountDownLatch(1);
    server.answers(
        form -> {
          await(never);
          return token("late", 60);
        });
    assertThatThrownBy(oauth::token).hasMessageContaining("did not answer within 300ms");
    never.countDown();
    server.answers(form -> json(200, "{\"access_token\":\"" + "x".repeat(70_000) + "\"}"));
    oauth.setTimeout("10s");
    assertThatThrownBy(oauth::token).isInstanceOf(AuthException.class);
  }

  @Test
  void afterAFailureTheEndpointIsLeftAloneForAWhileAndThenItRecovers() throws Exception {
    AtomicInteger status = new AtomicInteger(503);
    server.answers(
        form ->
            status.get() == 200
                ? server.next(3600)
                : new TokenServer.Answer(status.get(), "", Map.of("Retry-After", "60")));
    OAuth oauth = client();
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(oauth::token).hasMessageContaining("said 503");
    }
    assertThat(server.requests()).hasSize(1);
    status.set(400);
    pass(Duration.ofSeconds(61));
    assertThatThrownBy(oauth::token).hasMessageContaining("said 400");
    assertThat(server.requests()).hasSize(2);
    status.set(200);
    pass(Duration.ofSeconds(61));
    assertThat(oauth.token()).isEqualTo("token-1");
  }

  @Test
  void aTokenIsUsedToItsEndWhileTheEndpointIsInTrouble() throws Exception {
    OAuth oauth = client();
    assertThat(oauth.token()).isEqualTo("token-1");
    server.answers(form -> json(500, "{}"));
    pass(Duration.ofSeconds(3600 - 50));
    assertThat(oauth.token()).isEqualTo("token-1");
    until(() -> server.requests().size() == 2);
    assertThat(oauth.token()).isEqualTo("token-1");
    pass(Duration.ofSeconds(46));
    assertThatThrownBy(oauth::token).hasMessageContaining("said 500");
  }

  @Test
  void aNewRefreshTokenIsKeptForTheNextStart() throws Exception {
    Path file = dir.resolve("tokens/mail");
    AtomicInteger turn = new AtomicInteger();
    server.answers(
        form ->
            json(
                200,
                "{\"access_token\":\"for-"
                    + form.get("refresh_token")
                    + "\",\"expires_in\":3600,\"refresh_token\":\"r"
                    + turn.incrementAndGet()
                    + "\"}"));
    Path configured = Files.writeString(dir.resolve("configured"), "r0\n");
    OAuth oauth = refreshing(configured, file);
    assertThat(oauth.token()).isEqualTo("for-r0");
    assertThat(oauth.refused("for-r0")).isTrue();
    assertThat(oauth.token()).isEqualTo("for-r1");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(refreshing(configured, file).token()).as("after a start").isEqualTo("for-r2");
    Files.writeString(configured, "new\n");
    assertThat(refreshing(configured, file).token())
        .as("after the operator has put another")
        .isEqualTo("for-new");
    assertThat(server.requests().getLast())
        .containsEntry("grant_type", "refresh_token")
        .doesNotContainKey("client_secret");
    Files.writeString(file, "{broken");
    assertThatThrownBy(() -> refreshing(configured, file).token())
        .hasMessageContaining(file + " can't be read");
  }

  private OAuth refreshing(Path token, Path store) {
    OAuth oauth = new OAuth(now::get);
    oauth.setEndpoint(server.url());
    oauth.setClientId("public");
    oauth.setRefreshToken("file:" + token);
    oauth.setStore(store.toString());
    return oauth;
  }

  @Test
  void nothingListens() throws Exception {
    OAuth oauth = client();
    server.close();
    assertThatThrownBy(oauth::token).hasMessageContaining("can't be reached");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://login.example/token",
        "ftp://login.example/token",
        "https:///token",
        "login.example",
        "https://user:pass@login.example/",
        "http://127.0.0.1.example/",
        ":"
      })
  void anEndpointIsReachedOverTlsOnly(String url) {
    assertThatThrownBy(() -> new OAuth().setEndpoint(url))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secretsAreNotShown() throws Exception {
    OAuth oauth = client();
    assertThat(oauth.token()).isNotEmpty();
    assertThat(oauth.toString()).isEqualTo("OAuth[127.0.0.1]");
    assertThat(new OAuth().problem()).isPresent();
    assertThat(oauth.problem()).isEmpty();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void until(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
