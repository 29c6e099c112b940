package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.dns.FakeResolver;
import dev.caravan.flow.Certificates;
import dev.caravan.mail.Domain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a real HTTPS server: what is taken for a policy, and why something is not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HttpsStsFetcherTest {
  private static final Domain DOMAIN = new Domain("dest.example");
  private Map<String, Certificates> certificates = Map.of();
  private TlsClient tls = new TlsClient();

  @BeforeAll
  void certificates(@TempDir Path folder) throws Exception {
    Certificates authority = Certificates.of("authority.example", Optional.empty());
    Duration day = Duration.ofDays(1);
    certificates =
        Map.of(
            "right",
            Certificates.of(List.of("mta-sts.dest.example"), day, Optional.of(authority)),
            "other",
            Certificates.of(List.of("dest.example"), day, Optional.of(authority)),
            "expired",
            Certificates.of(List.of("mta-sts.dest.example"), day.negated(), Optional.of(authority)),
            "self",
            Certificates.of("mta-sts.dest.example", Optional.empty()));
    authority.write(folder, "authority");
    tls = new TlsClient(folder.resolve("authority.crt").toString());
  }

  private StsServer server(String certificate) throws Exception {
    Certificates c = certificates.get(certificate);
    if (c == null) {
      throw new AssertionError(certificate);
    }
    return new StsServer(c.serving());
  }

  private StsFetcher through(StsServer server) {
    return new HttpsStsFetcher(new Https(tls, server.proxy(), new FakeResolver(), ""));
  }

  private static TlsResult result(StsFetcher fetcher) {
    Throwable thrown = catchThrowable(() -> fetcher.fetch(DOMAIN));
    assertThat(thrown).isInstanceOf(StsFetcher.FetchException.class);
    return ((StsFetcher.FetchException) thrown).trouble().result();
  }

  @ParameterizedTest
  @CsvSource({"text/plain", "text/plain; charset=utf-8", "Text/Plain;x=y"})
  void aPolicy(String type) throws Exception {
    try (StsServer server = server("right").says(200, type, "version: STSv1\n")) {
      assertThat(through(server).fetch(DOMAIN)).isEqualTo("version: STSv1\n");
      assertThat(server.asked()).containsExactly("mta-sts.dest.example/.well-known/mta-sts.txt");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "301, text/plain, sts-policy-fetch-error",
    "404, text/plain, sts-policy-fetch-error",
    "500, text/plain, sts-policy-fetch-error",
    "200, text/html,  sts-policy-invalid",
    "200, '',         sts-policy-invalid",
  })
  void whatIsNone(int status, String type, String result) throws Exception {
    try (StsServer server = server("right").says(status, type, "version: STSv1\n")) {
      assertThat(result(through(server))).hasToString(result);
      assertThat(server.asked()).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"other", "expired", "self"})
  void aWrongCertificate(String certificate) throws Exception {
    try (StsServer server = server(certificate).policy("version: STSv1\n")) {
      assertThat(result(through(server))).isEqualTo(TlsResult.STS_WEBPKI_INVALID);
      assertThat(server.asked()).isEmpty();
    }
  }

  @Test
  void sixtyFourKilobytesAreEnough() throws Exception {
    try (StsServer server = server("right").policy("x".repeat(64 * 1024))) {
      assertThat(through(server).fetch(DOMAIN)).hasSize(64 * 1024);
      server.policy("x".repeat(64 * 1024 + 1));
      assertThat(result(through(server))).isEqualTo(TlsResult.STS_POLICY_FETCH_ERROR);
    }
  }

  @Test
  void innerNetworksAreNotAsked() {
    FakeResolver dns = new FakeResolver().a("mta-sts.dest.example", "192.0.2.1", "127.0.0.1");
    StsFetcher direct = new HttpsStsFetcher(new Https(tls, "", dns, "loopback"));
    Throwable thrown = catchThrowable(() -> direct.fetch(DOMAIN));
    assertThat(thrown).hasMessageContaining("in a network that we do not ask");
  }
}
