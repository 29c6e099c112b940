package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.flow.Certificates;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CertificateNamesTest {
  @ParameterizedTest
  @CsvSource({
    "mx.example.com,    mx.example.com,   true",
    "MX.Example.COM,    mx.example.com,   true",
    "mx.example.com,    other.example.com, false",
    "*.example.com,     mx.example.com,   true",
    "*.example.com,     a.mx.example.com, false",
    "*.example.com,     example.com,      false",
    "m*.example.com,    mx.example.com,   false",
    "mx.*.com,          mx.example.com,   false",
    "*.*.com,           mx.example.com,   false",
    "*.com,             example.com,      false",
    "*,                 com,              false",
    "mx.example.com,    .example.com,     true",
    "*.example.com,     .example.com,     true",
    "a.b.example.com,   .example.com,     true",
    "example.com,       .example.com,     false",
    "badexample.com,    .example.com,     false",
    ".example.com,      mx.example.com,   false",
    "'',                mx.example.com,   false",
  })
  void aNameIsForAnother(String presented, String wanted, boolean matches) {
    assertThat(CertificateNames.isName(presented, wanted)).isEqualTo(matches);
  }

  /** The helper puts the first name into the common name, the others into the alternatives. */
  @Test
  void theCommonNameCountsNothing() throws Exception {
    var c =
        Certificates.of(List.of("one.example", "two.example"), Duration.ofDays(1), Optional.empty())
            .certificate();
    assertThat(CertificateNames.hosts(c)).containsExactly("one.example", "two.example");
    assertThat(CertificateNames.match(c, List.of("two.example"))).isTrue();
    var common = Certificates.withoutNames("one.example").certificate();
    assertThat(common.getSubjectX500Principal().getName()).isEqualTo("CN=one.example");
    assertThat(CertificateNames.match(common, List.of("one.example"))).isFalse();
  }
}
