package dev.caravan.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
  @TempDir Path home = Path.of("");

  private Settings read(
      Map<String, String> options, Map<String, String> properties, Map<String, String> environment)
      throws InvalidSettingsException {
    return new SettingsReader(home, options, properties, environment).read();
  }

  private void file(String text) throws IOException {
    Files.createDirectories(home.resolve("config"));
    Files.writeString(home.resolve("config/caravan.properties"), text);
  }

  private List<String> problems(Map<String, String> options) {
    InvalidSettingsException e =
        catchThrowableOfType(
            InvalidSettingsException.class, () -> read(options, Map.of(), Map.of()));
    return e == null ? List.of() : e.problems().stream().map(Problem::toString).toList();
  }

  @Test
  void defaultsAreRight() throws Exception {
    Settings s = read(Map.of(), Map.of(), Map.of());

    assertThat(s.number("caravan.smtp.port")).isEqualTo(2525);
    assertThat(s.bytes("caravan.smtp.message-size-max")).isEqualTo(50L * 1024 * 1024);
    assertThat(s.dataDir()).isEqualTo(home.resolve("data"));
    assertThat(s.path("caravan.dkim.keys-dir")).isEqualTo(home.resolve("config/dkim"));
    assertThat(s.values().keySet()).containsExactlyElementsOf(Settings.keys());
  }

  @Test
  void theStrongestSourceWins() throws Exception {
    file(
        "caravan.smtp.port = 1\ncaravan.http.port=1\ncaravan.mx.port = 1\ncaravan.broker.port=4\n");
    Settings s =
        read(
            Map.of("caravan.smtp.port", "0"),
            Map.of("caravan.smtp.port", "2", "caravan.http.port", "2"),
            Map.of(
                "CARAVAN_SMTP_PORT",
                "3",
                "CARAVAN_HTTP_PORT",
                "3",
                "CARAVAN_MX_PORT",
                "3",
                "CARAVAN_DATA_DIR",
                "elsewhere"));

    assertThat(s.number("caravan.smtp.port")).isZero();
    assertThat(s.number("caravan.http.port")).isEqualTo(2);
    assertThat(s.number("caravan.mx.port")).isEqualTo(3);
    assertThat(s.number("caravan.broker.port")).isEqualTo(4);
    assertThat(s.dataDir()).isEqualTo(home.resolve("elsewhere"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "caravan.smtp.port               | 65535    | yes",
        "caravan.smtp.port               | 65536    | no",
        "caravan.smtp.port               | -1       | no",
        "caravan.smtp.port               | x        | no",
        "caravan.smtp.port               | ''       | no",
        "caravan.http.port               | -1       | yes",
        "caravan.mx.port                 | 0        | no",
        "caravan.smtp.host               | ::1      | yes",
        "caravan.smtp.host               | a b      | no",
        "caravan.smtp.host               | a:25     | no",
        "caravan.hostname                | mx.example | yes",
        "caravan.hostname                | [192.0.2.1] | no",
        "caravan.hostname                | a..b     | no",
        "caravan.smtp.message-size-max   | 50 mb    | yes",
        "caravan.smtp.message-size-max   | 50XB     | no",
        "caravan.smtp.message-size-max   | 0        | no",
        "caravan.smtp.message-size-max   | 999999999999GB | no",
        "caravan.smtp.command-timeout    | 5 m      | yes",
        "caravan.smtp.command-timeout    | 5        | no",
        "caravan.smtp.command-timeout    | 0s       | no",
        "caravan.retry.warn-after        | 0s       | yes",
        "caravan.retry.schedule          | 1m, 5m   | yes",
        "caravan.retry.schedule          | 1m,x     | no",
        "caravan.retry.schedule          | ','      | no",
        "caravan.retry.expiry            | 1m       | no",
        "caravan.relay.networks          | 10.0.0.0/8,2001:db8::/32 | yes",
        "caravan.relay.networks          | ''       | yes",
        "caravan.relay.networks          | 10.0.0.1/8 | no",
        "caravan.relay.networks          | a.example | no",
        "caravan.relay.domains           | .example.com,example.org | yes",
        "caravan.relay.domains           | a b      | no",
        "caravan.spf.fail                | tag      | yes",
        "caravan.spf.fail                | drop     | no",
        "caravan.dns.servers             | 192.0.2.1:53,[2001:db8::1]:53 | yes",
        "caravan.dns.servers             | 192.0.2.1 | no",
        "caravan.dns.servers             | 192.0.2.1:0 | no",
        "caravan.broker.url              | tcp://a:61616 | yes",
        "caravan.broker.url              | a:61616  | no",
        "caravan.delivery.mode           | smarthost | no",
        "caravan.delivery.mode           | mx       | yes",
        "caravan.smarthost.user          | me       | no",
        "caravan.data-dir                | ''       | no",
        "caravan.smtp.recipients-max     | 0        | no",
        "caravan.log.format              | json     | yes",
      })
  void eachValueIsChecked(String key, String value, String right) {
    assertThat(problems(Map.of(key, value)).isEmpty()).isEqualTo(right.equals("yes"));
  }

  @Test
  void allProblemsAreToldAtOnceWithTheirPlace() throws Exception {
    file(
        """
        # comment
        caravan.smtp.port = x
        caravan.smpt.port = 25
        nonsense
        caravan.spf.fail = tag
        caravan.spf.fail = tag
        caravan.config-dir = here
        """);
    InvalidSettingsException e =
        catchThrowableOfType(
            InvalidSettingsException.class,
            () ->
                read(
                    Map.of("http.port", "1"),
                    Map.of("caravan.htp.port", "1", "caravan.home", "ours", "java.home", "theirs"),
                    Map.of("CARAVAN_DNS_TIMEOUT", "soon", "CARAVAN_HEAP", "1g")));

    assertThat(e.problems().stream().map(Problem::toString))
        .containsExactlyInAnyOrder(
            "config/caravan.properties:2: caravan.smtp.port: it must be a number from 0 to 65535,"
                + " not 'x'",
            "config/caravan.properties:3: no such key: caravan.smpt.port; did you mean"
                + " caravan.smtp.port?",
            "config/caravan.properties:4: a line has the form key = value",
            "config/caravan.properties:6: caravan.spf.fail is set twice, first in line 5",
            "config/caravan.properties:7: caravan.config-dir can't be set here: it says where this"
                + " file is; use -P",
            "no such key: http.port (every key begins with caravan.); did you mean"
                + " caravan.http.port? (given with -P)",
            "no such key: caravan.htp.port; did you mean caravan.http.port? (given with -D)",
            "caravan.dns.timeout (from the environment, CARAVAN_DNS_TIMEOUT): a duration is a"
                + " number with ms, s, m, h or d, such as 30s, not 'soon'");
  }

  @Test
  void aConfigDirThatWasNamedMustExist() {
    assertThat(problems(Map.of("caravan.config-dir", "conf")))
        .singleElement()
        .asString()
        .contains("there is no folder");
  }

  @Test
  void routesSeeOctetsAndWholePaths() throws Exception {
    Map<String, String> seen =
        read(Map.of("caravan.smtp.spool-threshold", "1KB"), Map.of(), Map.of()).placeholders();

    assertThat(seen)
        .containsEntry("caravan.smtp.spool-threshold", "1024")
        .containsEntry("caravan.retry.expiry", "5d")
        .containsEntry("caravan.relay.domains", "")
        .containsEntry("caravan.data-dir", home.resolve("data").toString());
  }

  @Test
  void passwordsAreNotShown() throws Exception {
    Settings s =
        read(
            Map.of("caravan.smarthost.user", "me", "caravan.smarthost.password", "hunter2"),
            Map.of(),
            Map.of());

    assertThat(s.toString()).doesNotContain("hunter2").contains("caravan.smarthost.user=me");
  }

  @Test
  void anUnknownKeyIsAMistakeOfTheProgrammer() throws Exception {
    Settings s = read(Map.of(), Map.of(), Map.of());
    assertThatThrownBy(() -> s.text("caravan.nothing")).hasMessageContaining("caravan.nothing");
  }
}
