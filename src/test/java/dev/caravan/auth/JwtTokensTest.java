package dev.caravan.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.mail.Origin;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Authentication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of our issuer for us let their user in; no others do. */
final class JwtTokensTest {
  private static final String ISSUER = "https://id.example";
  private static final String AUDIENCE = "mail.example";
  private static RSAKey first;
  private static RSAKey second;

  @TempDir Path folder;

  @BeforeAll
  static void keys() throws JOSEException {
    first = key("first");
    second = key("second");
  }

  private static RSAKey key(String id) throws JOSEException {
    return new RSAKeyGenerator(2048).keyID(id).keyUse(KeyUse.SIGNATURE).generate();
  }

  private static String published(RSAKey... keys) {
    return new JWKSet(java.util.List.<com.nimbusds.jose.jwk.JWK>of(keys)).toString();
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .claim("email", "joe@example.com")
        .expirationTime(Date.from(Instant.now().plusSeconds(600)));
  }

  private static String token(RSAKey key, JWTClaimsSet.Builder claims) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
            claims.build());
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }

  private JwtTokens fromFile(RSAKey... keys) throws IOException {
    Path file = folder.resolve("jwks.json");
    Files.writeString(file, published(keys));
    return new JwtTokens(file.toString(), ISSUER, AUDIENCE, "email");
  }

  @Test
  void theUserIsWhoTheClaimNames() throws Exception {
    assertThat(fromFile(first).user(token(first, claims()))).contains("joe@example.com");
  }

  @Test
  void anotherKeyIssuerAudienceOrTimeIsRefused() throws Exception {
    JwtTokens tokens = fromFile(first);
    Instant past = Instant.now().minusSeconds(120);
    assertThat(tokens.user(token(second, claims()))).isEmpty();
    for (UnaryOperator<JWTClaimsSet.Builder> wrong :
        java.util.List.<UnaryOperator<JWTClaimsSet.Builder>>of(
            c -> c.issuer("https://other.example"),
            c -> c.audience("web.example"),
            c -> c.expirationTime(Date.from(past)),
            c -> c.expirationTime(null),
            c -> c.notBeforeTime(Date.from(Instant.now().plusSeconds(600))),
            c -> c.claim("email", null),
            c -> c.claim("email", "two words"),
            c -> c.claim("email", 7))) {
      assertThat(tokens.user(token(first, wrong.apply(claims())))).isEmpty();
    }
    assertThat(tokens.user("no token at all")).isEmpty();
    assertThat(tokens.user(new PlainJWT(claims().build()).serialize())).isEmpty();
  }

  /** The public key is no secret: whoever signs with it as one is nobody. */
  @Test
  void thePublicKeyIsNoSecret() throws Exception {
    SignedJWT forged =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(first.getKeyID()).build(),
            claims().build());
    forged.sign(new MACSigner(first.toPublicKey().getEncoded()));
    assertThat(fromFile(first).user(forged.serialize())).isEmpty();
  }

  @Test
  void aFileIsReadAgain() throws Exception {
    JwtTokens tokens = fromFile(first);
    String fresh = token(second, claims());
    assertThat(tokens.user(fresh)).isEmpty();
    Files.writeString(folder.resolve("jwks.json"), published(second));
    assertThat(tokens.user(fresh)).contains("joe@example.com");
    Files.delete(folder.resolve("jwks.json"));
    assertThatThrownBy(() -> tokens.user(fresh))
        .isInstanceOf(Users.UsersUnavailableException.class);
  }

  /** One fetch serves many logins, a key that is new makes another, an outage harms nobody. */
  @Test
  void keysAtAnAddressAreKeptAndTurn() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    String[] published = {published(first)};
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/jwks",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = published[0].getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    issuer.start();
    String url = "http://127.0.0.1:" + issuer.getAddress().getPort() + "/jwks";
    JwtTokens tokens = new JwtTokens(url, ISSUER, AUDIENCE, "email");
    try {
      for (int i = 0; i < 20; i++) {
        assertThat(tokens.user(token(first, claims()))).contains("joe@example.com");
      }
      assertThat(asked).hasValue(1);
      published[0] = published(first, second);
      assertThat(tokens.user(token(second, claims()))).contains("joe@example.com");
      assertThat(asked).hasValue(2);
      // Keys that don't exist make no flood of questions; who has a known key is served meanwhile.
      for (int i = 0; i < 20; i++) {
        String unknown = token(key("no" + i), claims());
        try {
          assertThat(tokens.user(unknown)).isEmpty();
        } catch (Users.UsersUnavailableException tooMany) {
          assertThat(tooMany).hasMessageContaining("keys of tokens");
        }
        assertThat(tokens.user(token(second, claims()))).isPresent();
      }
      assertThat(asked.get()).isLessThan(5);
    } finally {
      issuer.stop(0);
    }
    assertThat(tokens.user(token(first, claims()))).contains("joe@example.com");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://id.example/jwks", "http://192.0.2.1/jwks"})
  void keysNeverComeInTheClear(String url) {
    assertThatThrownBy(() -> new JwtTokens(url, ISSUER, AUDIENCE, "email"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https");
  }

  @Test
  void keysWithoutAnIssuerOrAnAudienceAreAMistake() {
    assertThatThrownBy(() -> new JwtTokens("x", "", AUDIENCE, "email"))
        .hasMessageContaining("caravan.oauth.issuer");
    assertThatThrownBy(() -> new JwtTokens("x", ISSUER, "", "email"))
        .hasMessageContaining("caravan.oauth.audience");
  }

  /** RFC 7628, 3.1 and the form that came before it; \1 separates. */
  @ParameterizedTest
  @CsvSource({
    "OAUTHBEARER, 'n,a=joe@example.com,\1auth=Bearer TOKEN\1\1', 235",
    "OAUTHBEARER, 'n,,\1host=mail.example\1port=587\1auth=bearer TOKEN\1\1', 235",
    "OAUTHBEARER, 'n,a=ann@example.com,\1auth=Bearer TOKEN\1\1', 535",
    "OAUTHBEARER, 'n,,\1auth=Basic TOKEN\1\1', 535",
    "OAUTHBEARER, 'n,,\1auth=Bearer wrong\1\1', 535",
    "OAUTHBEARER, 'p=tls-unique,,\1auth=Bearer TOKEN\1\1', 535",
    "OAUTHBEARER, '', 535",
    "XOAUTH2, 'user=joe@example.com\1auth=Bearer TOKEN\1\1', 235",
    "XOAUTH2, 'user=ann@example.com\1auth=Bearer TOKEN\1\1', 535",
    "XOAUTH2, 'auth=Bearer TOKEN\1\1', 535"
  })
  void asClientsSendThem(String mechanism, String message, int code) throws Exception {
    Mechanisms mechanisms =
        new Mechanisms(
            new MapUsers(java.util.Map.of(), java.util.Map.of()),
            fromFile(first),
            new LoginGuard(100, "1h", "1h", "0s"),
            "oauthbearer,xoauth2,plain");
    Origin origin =
        Origin.smtp(new InetSocketAddress("192.0.2.1", 1), false, Instant.EPOCH)
            .withTls(
                new TlsFacts(
                    "TLSv1.3",
                    "TLS_AES_128_GCM_SHA256",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()),
                false);
    // Without users there is still who has a token.
    assertThat(mechanisms.offered(origin)).containsExactly("OAUTHBEARER", "XOAUTH2");
    Authentication.Exchange exchange = mechanisms.begin(mechanism, origin).orElseThrow();
    byte[] sent = message.replace("TOKEN", token(first, claims())).getBytes(StandardCharsets.UTF_8);
    Authentication.Result result = exchange.next(Optional.of(sent));
    if (result instanceof Authentication.Result.Challenge told) {
      assertThat(new String(told.data(), StandardCharsets.UTF_8)).contains("invalid_token");
      result = exchange.next(Optional.of(new byte[] {1}));
    }
    assertThat(
            switch (result) {
              case Authentication.Result.Success s -> 235;
              case Authentication.Result.Failure f -> f.reply().code();
              case Authentication.Result.Challenge c -> 334;
            })
        .isEqualTo(code);
  }
}
