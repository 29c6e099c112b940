package dev.caravan.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.dns.FakeResolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8460: what is counted, when it is told, and in which form. */
final class TlsReportsTest {
  private static final Domain DOMAIN = new Domain("dest.example");
  private static final Found STS =
      new Found(
          Found.Type.STS,
          DOMAIN,
          List.of("version: STSv1", "mode: testing", "mx: *.dest.example", "max_age: 86400"),
          List.of("*.dest.example"));
  private static final InetAddress SERVER = InetAddress.ofLiteral("127.0.0.1");
  private static final TlsTrouble EXPIRED =
      new TlsTrouble(TlsResult.CERTIFICATE_EXPIRED, "its certificate has expired");

  @TempDir Path folder = Path.of("");
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T10:00:00Z"));
  private final FakeResolver dns =
      new FakeResolver()
          .txt("_smtp._tls.dest.example", "v=TLSRPTv1; rua=mailto:reports@dest.example");

  private TlsReports start(String from) {
    return new TlsReports(
        from,
        "relay.example",
        dns,
        new TlsReportPoster(new Https(new TlsClient(), "", dns, "loopback"), now::get),
        folder.resolve("reports"),
        now::get);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=TLSRPTv1; rua=mailto:a@b.example                        | a@b.example",
        "v=TLSRPTv1;rua=mailto:a@b.example,https://c.example/x     | a@b.example"
            + " https://c.example/x",
        "v=TLSRPTv1; rua=mailto:a%2Cb@c.example?subject=x;         | ",
        "v=TLSRPTv1; rua=mailto:a+b@c.example                      | a+b@c.example",
        "v=TLSRPTv1; rua=http://c.example/x                        | ",
        "v=TLSRPTv1; rua=https://c.example:8443/x                  | ",
        "v=TLSRPTv1; rua=https://u:p@c.example/x                   | ",
        "v=TLSRPTv1; rua=file:///etc/passwd                        | ",
        "v=TLSRPTv2; rua=mailto:a@b.example                        | ",
        "rua=mailto:a@b.example                                    | ",
        "v=TLSRPTv1; rua=mailto:nobody                             | ",
      })
  void whereReportsAreWanted(String text, String targets) {
    TlsReportRecord record = TlsReportRecord.parse(List.of("other", text));
    StringBuilder found = new StringBuilder();
    record.addresses().forEach(a -> found.append(a).append(' '));
    record.uris().forEach(u -> found.append(u).append(' '));
    assertThat(found.toString().strip()).isEqualTo(targets == null ? "" : targets);
    assertThat(TlsReportRecord.parse(List.of(text, "v=TLSRPTv1; rua=mailto:x@y.example")))
        .matches(r -> text.startsWith("v=TLSRPTv1") == r.addresses().isEmpty());
  }

  @Test
  void aDayIsReportedOnceAfterItIsOverThoughWeStartedAnewMeanwhile() throws Exception {
    TlsReports reports = start("tls@relay.example");
    reports.good(STS);
    reports.good(STS);
    reports.bad(STS, EXPIRED, "mx.dest.example", Optional.of(SERVER));
    reports.bad(STS, EXPIRED, "mx.dest.example", Optional.of(SERVER));
    reports.good(Found.none(new Domain("silent.example")));
    assertThat(reports.due()).isEmpty();

    TlsReports second = start("tls@relay.example");
    second.bad(STS, EXPIRED, "mx.dest.example", Optional.of(SERVER));
    assertThat(second.due()).isEmpty();
    now.set(Instant.parse("2026-01-02T04:00:01Z"));
    List<Mail> mails = second.due();
    assertThat(mails).hasSize(1);
    assertThat(second.due()).hasSize(1); // until it is told that they are in the queue
    second.done();
    assertThat(second.due()).isEmpty();
    assertThat(start("tls@relay.example").due()).isEmpty();

    Mail mail = mails.getFirst();
    assertThat(mail.recipients()).containsExactly(EmailAddress.parse("reports@dest.example"));
    assertThat(mail.sender()).hasToString("tls@relay.example");
    assertThat(mail.header("TLS-Report-Domain")).isEqualTo("dest.example");
    assertThat(mail.header("TLS-Report-Submitter")).isEqualTo("relay.example");
    assertThat(mail.header("TLS-Required")).isEqualTo("No");
    assertThat(mail.header("Content-Type")).contains("multipart/report", "tlsrpt");
    JsonNode json = attachment(mail);
    assertThat(json.path("organization-name").asText()).isEqualTo("relay.example");
    assertThat(json.path("contact-info").asText()).isEqualTo("tls@relay.example");
    assertThat(json.path("date-range").path("start-datetime").asText())
        .isEqualTo("2026-01-01T00:00:00Z");
    assertThat(json.path("date-range").path("end-datetime").asText())
        .isEqualTo("2026-01-01T23:59:59Z");
    assertThat(json.path("policies")).hasSize(1);
    JsonNode policy = json.path("policies").path(0);
    assertThat(policy.path("policy").toString())
        .isEqualTo(
            "{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"mode: testing\","
                + "\"mx: *.dest.example\",\"max_age: 86400\"],\"policy-domain\":\"dest.example\","
                + "\"mx-host\":[\"*.dest.example\"]}");
    assertThat(policy.path("summary").toString())
        .isEqualTo("{\"total-successful-session-count\":2,\"total-failure-session-count\":3}");
    assertThat(policy.path("failure-details").toString())
        .isEqualTo(
            "[{\"result-type\":\"certificate-expired\",\"sending-mta-ip\":\"127.0.0.1\","
                + "\"receiving-mx-hostname\":\"mx.dest.example\",\"receiving-ip\":\"127.0.0.1\","
                + "\"failed-session-count\":3,"
                + "\"failure-reason-code\":\"its certificate has expired\"}]");
  }

  private static JsonNode attachment(Mail mail) throws Exception {
    String text = new String(mail.content().toBytes(), StandardCharsets.US_ASCII);
    assertThat(text.replace("\r\n", "")).doesNotContain("\n", "\r");
    int type = text.indexOf("Content-Type: application/tlsrpt+gzip");
    int start = text.indexOf("\r\n\r\n", type) + 4;
    int end = text.indexOf("\r\n--", start);
    byte[] gzip = Base64.getMimeDecoder().decode(text.substring(start, end));
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new ObjectMapper().readTree(in.readAllBytes());
    }
  }

  @Test
  void withoutAnAddressNothingIsKept() throws Exception {
    TlsReports reports = start("");
    reports.good(STS);
    now.updateAndGet(t -> t.plus(Duration.ofDays(2)));
    assertThat(reports.due()).isEmpty();
    assertThat(Files.exists(folder.resolve("reports"))).isFalse();
  }

  @Test
  void manyFailuresAreCountedThoughNotAllAreTold() {
    TlsStats stats = new TlsStats();
    for (int i = 0; i < 150; i++) {
      stats.bad(STS, new TlsStats.Detail(TlsResult.VALIDATION_FAILURE, "", "h" + i, "", ""));
    }
    JsonNode policy = TlsStats.read(stats.policies()).policies(DOMAIN).path(0);
    assertThat(policy.path("summary").path("total-failure-session-count").asInt()).isEqualTo(150);
    assertThat(policy.path("failure-details")).hasSize(100);
  }
}
