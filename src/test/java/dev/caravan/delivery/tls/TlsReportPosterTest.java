package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeResolver;
import dev.caravan.flow.Certificates;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports that are posted to a real HTTPS server (RFC 8460, 5.4). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsReportPosterTest {
  private static final URI PLACE = URI.create("https://reports.dest.example/v1/tlsrpt?of=us");
  private static final byte[] REPORT = {31, -117, 8, 0, 13, 10, -1};

  private TlsClient tls = new TlsClient();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Map<String, Certificates> certificates = Map.of();

  @BeforeAll
  void certificates(@TempDir Path folder) throws Exception {
    Certificates authority = Certificates.of("authority.example", Optional.empty());
    Duration day = Duration.ofDays(1);
    certificates =
        Map.of(
            "right",
            Certificates.of(List.of("reports.dest.example"), day, Optional.of(authority)),
            "other",
            Certificates.of(List.of("dest.example"), day, Optional.of(authority)));
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

  private TlsReportPoster through(StsServer server) {
    return new TlsReportPoster(new Https(tls, server.proxy(), new FakeResolver(), ""), () -> now);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 302, 400, 404})
  void whatIsTakenOrRefusedIsPostedOnce(int status) throws Exception {
    try (StsServer server = server("right").says(status, "text/plain", "")) {
      TlsReportPoster poster = through(server);
      poster.post(PLACE, REPORT);
      poster.again();
      assertThat(server.asked()).containsExactly("reports.dest.example/v1/tlsrpt?of=us");
      StsServer.Sent sent = server.sent().getFirst();
      assertThat(sent.method()).isEqualTo("POST");
      assertThat(sent.type()).isEqualTo("application/tlsrpt+gzip");
      assertThat(sent.body()).isEqualTo(REPORT);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void whatFailsIsPostedAgainForADay(int status) throws Exception {
    try (StsServer server = server("right").says(status, "text/plain", "")) {
      TlsReportPoster poster = through(server);
      poster.post(PLACE, REPORT);
      now = now.plus(Duration.ofHours(23));
      poster.again();
      now = now.plus(Duration.ofHours(1));
      poster.again();
      poster.again();
      assertThat(server.asked()).hasSize(3);
    }
  }

  @Test
  void itIsTakenInTheEnd() throws Exception {
    try (StsServer server = server("right").says(503, "text/plain", "")) {
      TlsReportPoster poster = through(server);
      poster.post(PLACE, REPORT);
      server.says(201, "text/plain", "");
      poster.again();
      poster.again();
      assertThat(server.sent()).hasSize(2);
      assertThat(server.sent().getLast().body()).isEqualTo(REPORT);
    }
  }

  @Test
  void aStrangerHearsNothing() throws Exception {
    try (StsServer server = server("other")) {
      through(server).post(PLACE, REPORT);
      assertThat(server.asked()).isEmpty();
    }
  }
}
