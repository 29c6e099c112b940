package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StsPolicyTest {
  /** The example of RFC 8461, 3.2. */
  private static final String EXAMPLE =
      "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\n"
          + "mx: backupmx.example.com\nmax_age: 604800\n";

  @Test
  void theExampleOfTheRfc() {
    for (String text : List.of(EXAMPLE, EXAMPLE.replace("\n", "\r\n"), EXAMPLE.strip())) {
      StsPolicy policy = StsPolicy.parse(text);
      assertThat(policy.mode()).isEqualTo(StsPolicy.Mode.ENFORCE);
      assertThat(policy.mx())
          .containsExactly("mail.example.com", "*.example.net", "backupmx.example.com");
      assertThat(policy.maxAge().toDays()).isEqualTo(7);
      assertThat(policy.lines()).hasSize(6).first().isEqualTo("version: STSv1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mail.example.com,     true",
    "MAIL.Example.com,     true",
    "mx.example.net,       true",
    "a.mx.example.net,     false",
    "example.net,          false",
    "mail.example.com.evil.example, false",
    "evilmail.example.com, false",
  })
  void hosts(String host, boolean named) {
    assertThat(StsPolicy.parse(EXAMPLE).names(host)).isEqualTo(named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode: enforce\nmx: a.example\nmax_age: 1",
        "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1",
        "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1",
        "version: STSv1\nmx: a.example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmax_age: 1",
        "version: STSv1\nmode: testing\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a.example",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1d",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 12345678901",
        "version: STSv1\nmode: enforce\nmx: *.*.example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: .example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a.example b.example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: \nmax_age: 1",
        "<html><body>not found</body></html>",
        "",
      })
  void whatIsNone(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> StsPolicy.parse(text));
  }

  @Test
  void whatIsUnknownOrRepeatedIsPassedOver() {
    StsPolicy policy =
        StsPolicy.parse(
            "max_age: 99999999\nfoo: bar: baz\nversion:STSv1\nmode:none  \nmode: enforce\n\n");
    assertThat(policy.mode()).isEqualTo(StsPolicy.Mode.NONE);
    assertThat(policy.maxAge().toSeconds()).isEqualTo(31_557_600);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=STSv1; id=20160831085700Z;                | 20160831085700Z",
        "v=STSv1;id=1                                | 1",
        "v=STSv1 ; id=a1 ; x=y                       | a1",
        "v=STSv1; x=y; id=2;                         | 2",
        "v=STSv1;                                    | ",
        "v=STSv1; id=;                               | ",
        "v=STSv1; id=a-b;                            | ",
        "v=STSv1; id=123456789012345678901234567890123; | ",
        "v=STSv2; id=1;                              | ",
        "v=STSv10; id=1;                             | ",
        "id=1; v=STSv1;                              | ",
        "V=STSv1; id=1;                              | ",
        "v=STSv1; id=1 2;                            | ",
      })
  void records(String text, String id) {
    assertThat(StsRecord.id(List.of("other", text))).isEqualTo(Optional.ofNullable(id));
    assertThat(StsRecord.id(List.of(text, "v=STSv1; id=9;")))
        .isEqualTo(text.matches("v=STSv1[ ;].*") ? Optional.empty() : Optional.of("9"));
  }
}
