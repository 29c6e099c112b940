package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeDnsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS policies and reports through the project's own routes. */
final class TlsFlowTest {
  @TempDir Path data = Path.of("");

  private Map<String, String> options(FakeDnsServer dns, Remote remote) {
    Map<String, String> options = new HashMap<>();
    options.put("caravan.delivery.mode", "mx");
    options.put("caravan.dns.servers", dns.address());
    options.put("caravan.mx.port", Integer.toString(remote.port()));
    options.put("caravan.mx.refuse-networks", "");
    options.put("caravan.retry.schedule", "1s");
    return options;
  }

  /** Waits for the right certificate; what the wrong one would have got is not sent at all. */
  @Test
  void aMailWaitsUntilTheServerIsWhoTheDnsSays() throws Exception {
    Certificates right = Certificates.of("mx.example", Optional.empty());
    Certificates wrong = Certificates.of("mx.example", Optional.empty());
    String digest =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(right.certificate().getPublicKey().getEncoded()));
    try (Remote remote = new Remote();
        FakeDnsServer dns =
            FakeDnsServer.start()
                .validating()
                .mx("dest.example", 10, "mx.example")
                .a("mx.example", "127.0.0.1")
                .tlsa("_" + remote.port() + "._tcp.mx.example", 3, 1, 1, digest)) {
      remote.offerTls(wrong.serving());
      Map<String, String> options = options(dns, remote);
      options.put("caravan.tls-report.from", "tls@relay.example");
      options.put("caravan.tls-report.interval", "1s");
      try (TestGateway gateway = TestGateway.start(data, options);
          Client client = new Client(gateway.smtpPort())) {
        assertThat(
                client.send(
                    "a@sender.example", List.of("b@dest.example"), "Subject: x\r\n\r\nhello\r\n"))
            .startsWith("250");
        Path today = data.resolve("tls-reports").resolve(LocalDate.now(ZoneOffset.UTC) + ".json");
        long end = System.nanoTime() + 60_000_000_000L;
        while (!Files.exists(today)
            || !Files.readString(today).contains("\"result-type\":\"validation-failure\"")) {
          assertThat(System.nanoTime()).isLessThan(end);
          Thread.sleep(20);
        }
        assertThat(remote.received()).isEmpty();
        remote.offerTls(right.serving());
        assertThat(remote.take().text()).contains("hello");
        assertThat(remote.commands()).contains("(TLS)");
      }
    }
  }

  /** A day of an earlier run, whose domain wants reports by mail. */
  @Test
  void theReportOfADayIsSent() throws Exception {
    LocalDate day = LocalDate.now(ZoneOffset.UTC).minusDays(2);
    Path folder = Files.createDirectories(data.resolve("tls-reports"));
    Files.writeString(
        folder.resolve(day + ".json"),
        "[{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"dest.example\"},"
            + "\"summary\":{\"total-successful-session-count\":5,"
            + "\"total-failure-session-count\":0}}]");
    try (Remote remote = new Remote();
        FakeDnsServer dns =
            FakeDnsServer.start()
                .mx("reports.example", 10, "mx.example")
                .a("mx.example", "127.0.0.1")
                .txt("_smtp._tls.dest.example", "v=TLSRPTv1; rua=mailto:tls@reports.example")) {
      Map<String, String> options = options(dns, remote);
      options.put("caravan.tls-report.from", "tls@relay.example");
      options.put("caravan.tls-report.interval", "1s");
      try (TestGateway gateway = TestGateway.start(data, options)) {
        assertThat(gateway.smtpPort()).isPositive();
        Remote.Received report = remote.take();
        assertThat(report.from()).isEqualTo("tls@relay.example");
        assertThat(report.to()).containsExactly("tls@reports.example");
        assertThat(report.text())
            .contains("TLS-Report-Domain: dest.example", "report-type=\"tlsrpt\"");
        long end = System.nanoTime() + 60_000_000_000L;
        while (Files.exists(folder.resolve(day + ".json"))) {
          assertThat(System.nanoTime()).isLessThan(end);
          Thread.sleep(20);
        }
      }
    }
  }
}
