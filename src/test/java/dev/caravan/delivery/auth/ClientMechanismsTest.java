package dev.caravan.delivery.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of each mechanism, with the examples of the RFCs. */
final class ClientMechanismsTest {
  private static final char A = '\u0001';

  /** RFC 7677, 3. */
  private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";

  private static final String SERVER_NONCE = NONCE + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  private static final String SERVER_FIRST =
      "r=" + SERVER_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

  @Test
  void scramIsAsInTheRfc() throws Exception {
    ScramSha256 scram = new ScramSha256("user", "pencil", NONCE);
    assertThat(text(scram.first().orElseThrow())).isEqualTo("n,,n=user,r=" + NONCE);
    assertThat(answer(scram, SERVER_FIRST))
        .isEqualTo("c=biws,r=" + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    assertThatThrownBy(scram::succeeded).isInstanceOf(AuthException.class);
    assertThat(answer(scram, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")).isEmpty();
    scram.succeeded();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=anotherNonce,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=9999999999",
        "r=rOprNGfwEbeRWgbNEkqOx,s====,i=4096"
      })
  void aServerWhoseChallengeIsNoneIsNotAnswered(String challenge) {
    assertThatThrownBy(() -> answer(new ScramSha256("user", "pencil", NONCE), challenge))
        .isInstanceOf(AuthException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        "v=",
        "v=AAAA",
        "",
        "x=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
      })
  void aServerThatDoesNotKnowThePasswordIsFoundOut(String serverFinal) throws Exception {
    ScramSha256 scram = new ScramSha256("user", "pencil", NONCE);
    answer(scram, SERVER_FIRST);
    assertThatThrownBy(() -> answer(scram, serverFinal)).isInstanceOf(AuthException.class);
    assertThatThrownBy(scram::succeeded).isInstanceOf(AuthException.class);
  }

  @Test
  void anErrorOfTheServerIsKeptForPeople() throws Exception {
    ScramSha256 scram = new ScramSha256("user", "pencil", NONCE);
    answer(scram, SERVER_FIRST);
    assertThat(answer(scram, "e=invalid-proof")).isEmpty();
    assertThat(scram.complaint()).isEqualTo("e=invalid-proof");
  }

  @Test
  void namesAreEscaped() {
    assertThat(text(new ScramSha256("a=b,c", "x", "n").first().orElseThrow()))
        .isEqualTo("n,,n=a=3Db=2Cc,r=n");
    assertThat(text(Bearer.standard("a=b,c", "t", "h", 1).first().orElseThrow()))
        .startsWith("n,a=a=3Db=2Cc,");
  }

  /** RFC 2195, 2. */
  @Test
  void cramMd5IsAsInTheRfc() throws Exception {
    CramMd5 cram = new CramMd5("tim", "tanstaaftanstaaf");
    assertThat(cram.first()).isEmpty();
    assertThat(answer(cram, "<1896.697170952@postoffice.reston.mci.net>"))
        .isEqualTo("tim b913a602c7eda7a495b4e6e7334d3890");
    assertThatThrownBy(() -> answer(cram, "again")).isInstanceOf(AuthException.class);
  }

  /** RFC 7628, 4.1 and 4.3. */
  @Test
  void oauthbearerIsAsInTheRfc() throws Exception {
    Bearer bearer = Bearer.standard("user@example.com", "vF9dft4qmT", "server.example.com", 587);
    assertThat(text(bearer.first().orElseThrow()))
        .isEqualTo(
            "n,a=user@example.com,"
                + A
                + "host=server.example.com"
                + A
                + "port=587"
                + A
                + "auth=Bearer vF9dft4qmT"
                + A
                + A);
    assertThat(answer(bearer, "{\"status\":\"invalid_token\",\"x\":\"vF9dft4qmT\"}"))
        .isEqualTo("" + A);
    assertThat(bearer.complaint()).isEqualTo("{\"status\":\"invalid_token\",\"x\":\"****\"}");
    assertThatThrownBy(() -> answer(bearer, "more")).isInstanceOf(AuthException.class);
  }

  @Test
  void xoauth2IsAsGoogleAndMicrosoftHaveIt() throws Exception {
    Bearer bearer =
        Bearer.xoauth2("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
    assertThat(text(bearer.first().orElseThrow()))
        .isEqualTo(
            "user=someuser@example.com"
                + A
                + "auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
                + A
                + A);
    assertThat(answer(bearer, "{\"status\":\"401\"}")).isEmpty();
  }

  /** The first of what is left over is used; nothing is left over where it would be given away. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # offered                              | to            | clear | used
          PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256     | right server  | false | SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5
          PLAIN LOGIN CRAM-MD5                   | right server  | false | PLAIN LOGIN CRAM-MD5
          PLAIN LOGIN CRAM-MD5                   | anybody       | false | CRAM-MD5 PLAIN LOGIN
          LOGIN                                  | anybody       | false | LOGIN
          PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256     | clear text    | false | SCRAM-SHA-256
          PLAIN LOGIN CRAM-MD5                   | clear text    | false | ''
          PLAIN LOGIN CRAM-MD5                   | clear text    | true  | CRAM-MD5 PLAIN LOGIN
          PLAIN LOGIN                            | this machine  | false | PLAIN LOGIN
          GSSAPI XOAUTH2                         | right server  | false | ''
          """)
  void passwords(String offered, String to, boolean clear, String used) {
    Credentials joe = new PasswordCredentials("joe", Secret.of("s"), List.of(), clear);
    assertThat(joe.usable(Set.of(offered.split(" ")), channel(to)))
        .isEqualTo(used.isEmpty() ? List.of() : List.of(used.split(" ")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          XOAUTH2 OAUTHBEARER PLAIN | right server  | false | OAUTHBEARER XOAUTH2
          XOAUTH2 PLAIN             | anybody       | false | XOAUTH2
          XOAUTH2                   | clear text    | false | ''
          XOAUTH2                   | clear text    | true  | XOAUTH2
          XOAUTH2                   | this machine  | false | XOAUTH2
          PLAIN LOGIN               | right server  | false | ''
          """)
  void tokens(String offered, String to, boolean clear, String used) {
    Credentials joe = new TokenCredentials("joe", new OAuth(), List.of(), clear);
    assertThat(joe.usable(Set.of(offered.split(" ")), channel(to)))
        .isEqualTo(used.isEmpty() ? List.of() : List.of(used.split(" ")));
  }

  private static Channel channel(String to) {
    return switch (to) {
      case "right server" -> new Channel(true, true, false);
      case "anybody" -> new Channel(true, false, false);
      case "clear text" -> new Channel(false, false, false);
      case "this machine" -> new Channel(false, false, true);
      default -> throw new IllegalArgumentException(to);
    };
  }

  @Test
  void theOrderMayBeSet() {
    Credentials joe =
        new PasswordCredentials("joe", Secret.of("s"), List.of("login", "plain"), false);
    assertThat(joe.usable(Set.of("PLAIN", "LOGIN", "SCRAM-SHA-256"), channel("right server")))
        .containsExactly("LOGIN", "PLAIN");
    assertThatThrownBy(
            () -> new PasswordCredentials("joe", Secret.of("s"), List.of("XOAUTH2"), false))
        .hasMessageContaining("not XOAUTH2");
    for (String bad : List.of("", " ", "a\r\nb", "a\0b", "a" + A, "x".repeat(321))) {
      assertThatThrownBy(() -> new PasswordCredentials(bad, Secret.of("s"), List.of(), false))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static String answer(ClientMechanism mechanism, String challenge) throws AuthException {
    return text(mechanism.answer(challenge.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }
}
