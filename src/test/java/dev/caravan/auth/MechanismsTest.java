package dev.caravan.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Origin;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Authentication;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MechanismsTest {
  private static final MapUsers USERS = MapUsers.of("joe", "pencil");
  private static final TlsFacts TLS =
      new TlsFacts(
          "TLSv1.3",
          "TLS_AES_128_GCM_SHA256",
          Optional.empty(),
          Optional.empty(),
          Optional.of(TlsFacts.Octets.of(new byte[] {1, 2, 3})),
          Optional.of(TlsFacts.Octets.of(new byte[] {4, 5, 6})));

  private static Origin origin(boolean tls) {
    Origin origin =
        Origin.smtp(
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1), false, Instant.EPOCH);
    return tls ? origin.withTls(TLS, false) : origin;
  }

  private static Mechanisms mechanisms(Users users) {
    return new Mechanisms(
        users,
        new JwtTokens("", "", "", "email"),
        new LoginGuard(3, "1h", "1h", "1s"),
        "scram-sha-256-plus,scram-sha-256,plain,login,cram-md5");
  }

  private static Optional<byte[]> octets(String text) {
    return Optional.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Attempt attempt) {
    return switch (attempt) {
      case Attempt.Challenge c -> new String(c.data(), StandardCharsets.UTF_8);
      case Attempt.Proven p -> "proven " + p.name();
      case Attempt.Failed f -> "failed";
    };
  }

  private static String text(Authentication.Result result) {
    return switch (result) {
      case Authentication.Result.Challenge c -> new String(c.data(), StandardCharsets.UTF_8);
      case Authentication.Result.Success s -> "proven " + s.user();
      case Authentication.Result.Failure f -> f.reply().code() + " " + f.delay().toSeconds();
    };
  }

  /** The example of RFC 7677, 3. */
  @Test
  void scramAsTheRfcShowsIt() {
    byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    MapUsers users = new MapUsers(Map.of(), Map.of("user", ScramKeys.of("pencil", salt, 4096)));
    ScramSha256 server =
        new ScramSha256(
            users, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", new byte[8], false, false, Optional.empty());
    assertThat(text(server.next(octets("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))))
        .isEqualTo(
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    assertThat(
            text(
                server.next(
                    octets(
                        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))))
        .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    assertThat(text(server.next(octets("")))).isEqualTo("proven user");
  }

  /** The example of RFC 2195, 2. */
  @ParameterizedTest
  @CsvSource({
    "tim b913a602c7eda7a495b4e6e7334d3890, proven tim",
    "tim B913A602C7EDA7A495B4E6E7334D3890, proven tim",
    "tim b913a602c7eda7a495b4e6e7334d3891, failed",
    "tom b913a602c7eda7a495b4e6e7334d3890, failed",
    "tim, failed"
  })
  void cramMd5AsTheRfcShowsIt(String response, String expected) {
    CramMd5 server =
        new CramMd5(
            MapUsers.of("tim", "tanstaaftanstaaf"), "<1896.697170952@postoffice.reston.mci.net>");
    assertThat(text(server.next(Optional.empty()))).startsWith("<1896.");
    assertThat(text(server.next(octets(response)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'\0joe\0pencil', proven joe",
    "'joe\0joe\0pencil', proven joe",
    "'root\0joe\0pencil', failed",
    "'\0joe\0pen', failed",
    "'\0nobody\0pencil', failed",
    "'\0joe\0', failed",
    "'joe\0pencil', failed",
    "'\0joe\0pencil\0more', failed",
    "'', failed"
  })
  void plain(String response, String expected) {
    assertThat(text(new Plain(USERS).next(octets(response)))).isEqualTo(expected);
  }

  @Test
  void loginAsksForNameAndPasswordOrTakesTheNameAtOnce() {
    Login asked = new Login(USERS);
    assertThat(text(asked.next(Optional.empty()))).isEqualTo("Username:");
    assertThat(text(asked.next(octets("joe")))).isEqualTo("Password:");
    assertThat(text(asked.next(octets("pencil")))).isEqualTo("proven joe");
    Login told = new Login(USERS);
    assertThat(text(told.next(octets("joe")))).isEqualTo("Password:");
    assertThat(text(told.next(octets("wrong")))).isEqualTo("failed");
  }

  /** The client's part of SCRAM, for what the RFC has no example of. */
  private static String clientFinal(
      String password, String gs2, byte[] binding, String bare, String serverFirst) {
    String[] parts = serverFirst.split(",");
    ScramKeys keys =
        ScramKeys.of(
            password,
            Base64.getDecoder().decode(parts[1].substring(2)),
            Integer.parseInt(parts[2].substring(2)));
    byte[] bound = new byte[gs2.length() + binding.length];
    System.arraycopy(gs2.getBytes(StandardCharsets.UTF_8), 0, bound, 0, gs2.length());
    System.arraycopy(binding, 0, bound, gs2.length(), binding.length);
    String withoutProof = "c=" + Base64.getEncoder().encodeToString(bound) + "," + parts[0];
    String message = bare + "," + serverFirst + "," + withoutProof;
    byte[] proof = clientKey(password, parts);
    byte[] signature = ScramKeys.hmac(Base64.getDecoder().decode(keys.storedKey()), message);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= signature[i];
    }
    return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
  }

  private static byte[] clientKey(String password, String[] parts) {
    try {
      byte[] salted =
          javax.crypto.SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(
                  new javax.crypto.spec.PBEKeySpec(
                      password.toCharArray(),
                      Base64.getDecoder().decode(parts[1].substring(2)),
                      Integer.parseInt(parts[2].substring(2)),
                      256))
              .getEncoded();
      return ScramKeys.hmac(salted, "Client Key");
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String scram(
      String mechanism, boolean tls, String password, String gs2, byte[] binding) {
    Authentication.Exchange exchange =
        mechanisms(USERS).begin(mechanism, origin(tls)).orElseThrow();
    String bare = "n=joe,r=abc";
    Authentication.Result first = exchange.next(octets(gs2 + bare));
    if (!(first instanceof Authentication.Result.Challenge)) {
      return text(first);
    }
    Authentication.Result last =
        exchange.next(octets(clientFinal(password, gs2, binding, bare, text(first))));
    return last instanceof Authentication.Result.Challenge
        ? text(exchange.next(octets("")))
        : text(last);
  }

  @Test
  void scramWithAndWithoutAChannelBinding() {
    byte[] none = {};
    assertThat(scram("SCRAM-SHA-256", false, "pencil", "n,,", none)).isEqualTo("proven joe");
    assertThat(scram("SCRAM-SHA-256", false, "pencil", "y,,", none)).isEqualTo("proven joe");
    assertThat(scram("SCRAM-SHA-256", false, "pencil", "n,a=joe,", none)).isEqualTo("proven joe");
    assertThat(
            scram("SCRAM-SHA-256-PLUS", true, "pencil", "p=tls-exporter,,", new byte[] {1, 2, 3}))
        .isEqualTo("proven joe");
    assertThat(
            scram(
                "SCRAM-SHA-256-PLUS",
                true,
                "pencil",
                "p=tls-server-end-point,,",
                new byte[] {4, 5, 6}))
        .isEqualTo("proven joe");
    // wrong password; another connection's binding; one that isn't known; none; a downgrade
    assertThat(scram("SCRAM-SHA-256", false, "pen", "n,,", none)).startsWith("535");
    assertThat(scram("SCRAM-SHA-256-PLUS", true, "pencil", "p=tls-exporter,,", new byte[] {9}))
        .startsWith("535");
    assertThat(scram("SCRAM-SHA-256-PLUS", true, "pencil", "p=tls-unique,,", none))
        .startsWith("535");
    assertThat(scram("SCRAM-SHA-256-PLUS", true, "pencil", "n,,", none)).startsWith("535");
    assertThat(scram("SCRAM-SHA-256", true, "pencil", "y,,", none)).startsWith("535");
    assertThat(scram("SCRAM-SHA-256", true, "pencil", "p=tls-exporter,,", none)).startsWith("535");
    assertThat(scram("SCRAM-SHA-256", false, "pencil", "n,a=root,", none)).startsWith("535");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n,,",
        "n,,n=joe",
        "n,,n=,r=abc",
        "n,,n=j=oe,r=abc",
        "x,,n=joe,r=abc",
        "n,,m=1,n=joe,r=abc"
      })
  void malformedScramFails(String first) {
    ScramSha256 server =
        new ScramSha256(USERS, "nonce", new byte[8], false, false, Optional.empty());
    assertThat(text(server.next(octets(first)))).isEqualTo("failed");
  }

  /** Who does not exist looks like who does, each time in the same way. */
  @Test
  void scramTellsNobodyWhichUsersExist() {
    Mechanisms mechanisms = mechanisms(USERS);
    String[] salts = new String[2];
    for (int i = 0; i < salts.length; i++) {
      Authentication.Exchange exchange =
          mechanisms.begin("SCRAM-SHA-256", origin(false)).orElseThrow();
      String first = text(exchange.next(octets("n,,n=nobody,r=abc")));
      salts[i] = first.substring(first.indexOf(",s="));
      assertThat(
              text(
                  exchange.next(
                      octets(clientFinal("x", "n,,", new byte[0], "n=nobody,r=abc", first)))))
          .startsWith("535");
    }
    assertThat(salts[0]).isEqualTo(salts[1]);
  }

  @Test
  void failuresSlowAnAddressDownAndThenBlockIt() {
    Mechanisms mechanisms = mechanisms(USERS);
    for (String expected : List.of("535 1", "535 2", "535 4", "454 0")) {
      assertThat(
              text(
                  mechanisms
                      .begin("PLAIN", origin(false))
                      .orElseThrow()
                      .next(octets("\0joe\0wrong"))))
          .isEqualTo(expected);
    }
    // even with the right password
    assertThat(
            text(
                mechanisms
                    .begin("PLAIN", origin(false))
                    .orElseThrow()
                    .next(octets("\0joe\0pencil"))))
        .isEqualTo("454 0");
  }

  @Test
  void aNetworkOfIpv6CountsAsOne() {
    LoginGuard guard = new LoginGuard(2, "1h", "1h", "0s");
    assertThat(guard.failed(InetAddress.ofLiteral("2001:db8::1"))).isEqualTo(Duration.ZERO);
    assertThat(guard.failed(InetAddress.ofLiteral("2001:db8::2"))).isEqualTo(Duration.ZERO);
    assertThat(guard.isBlocked(InetAddress.ofLiteral("2001:db8::3"))).isTrue();
    assertThat(guard.isBlocked(InetAddress.ofLiteral("2001:db8:0:1::3"))).isFalse();
  }

  @Test
  void offersWhatCanWork() {
    assertThat(mechanisms(USERS).offered(origin(true)))
        .containsExactly("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5");
    assertThat(mechanisms(USERS).offered(origin(false))).doesNotContain("SCRAM-SHA-256-PLUS");
    assertThat(mechanisms(new MapUsers(Map.of(), Map.of())).offered(origin(true))).isEmpty();
  }
}
