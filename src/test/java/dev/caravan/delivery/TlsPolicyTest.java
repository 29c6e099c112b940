package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.mail;
import static dev.caravan.delivery.Deliveries.mailOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.tls.StsServer;
import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.delivery.tls.TlsRule;
import dev.caravan.dns.CachingResolver;
import dev.caravan.dns.FakeDnsServer;
import dev.caravan.flow.Certificates;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.ReversePath;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * From what a domain publishes and an operator wants to what happens at its server: real TLS, a
 * real DNS server that says it has validated, a real HTTPS server with the policy.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsPolicyTest {
  private static final String OFFER = "S 220 hello\nC EHLO\nS 250-remote\nS 250 STARTTLS\n";
  private static final String ONE =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
  private static final String BEGIN = "C STARTTLS\nS 220 go on\n";
  private static final String ENCRYPTED = OFFER + BEGIN + "TLS\nC EHLO\nS 250 remote\n" + ONE;
  private static final String STRIPPED = "S 220 hello\nC EHLO\nS 250 remote\n" + ONE;
  private static final String BROKEN = OFFER + BEGIN + "BREAK\nR";

  private Path folder = Path.of("");
  private Map<String, Certificates> certificates = Map.of();

  @BeforeAll
  void certificates(@TempDir Path shared) throws Exception {
    folder = shared;
    Duration month = Duration.ofDays(30);
    Certificates authority = Certificates.of("authority.example", Optional.empty());
    Certificates stranger = Certificates.of("stranger.example", Optional.empty());
    certificates =
        Map.of(
            "authority", authority,
            "right", Certificates.of(List.of("mx.example"), month, Optional.of(authority)),
            "domain", Certificates.of(List.of("dest.example"), month, Optional.of(authority)),
            "other", Certificates.of(List.of("other.example"), month, Optional.of(authority)),
            "expired",
                Certificates.of(List.of("mx.example"), Duration.ofDays(-1), Optional.of(authority)),
            "stranger", Certificates.of(List.of("mx.example"), month, Optional.of(stranger)),
            "stranger's authority", stranger,
            "self", Certificates.of("mx.example", Optional.empty()),
            "sts", Certificates.of(List.of("mta-sts.dest.example"), month, Optional.of(authority)));
    authority.write(folder, "authority");
  }

  private Certificates certificate(String name) {
    Certificates c = certificates.get(name);
    assertThat(c).as(name).isNotNull();
    return c == null ? certificates.values().iterator().next() : c;
  }

  private static FakeDnsServer dns() {
    return FakeDnsServer.start()
        .validating()
        .mx("dest.example", 10, "mx.example")
        .a("mx.example", "127.0.0.1");
  }

  /** The digest that a record 3 1 1 or 2 0 1 holds. */
  private String digest(String name, int selector) throws Exception {
    var c = certificate(name).certificate();
    byte[] octets = selector == 0 ? c.getEncoded() : c.getPublicKey().getEncoded();
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
  }

  private ScriptedServer server(String name, String... scripts) throws Exception {
    return ScriptedServer.startWithTls(serving(name), scripts);
  }

  private SSLContext serving(String name) throws Exception {
    Certificates shown = certificate(name);
    return switch (name) {
      case "self" -> shown.serving();
      case "stranger" -> shown.serving(certificate("stranger's authority"));
      default -> shown.serving(certificate("authority"));
    };
  }

  private Attempt deliver(FakeDnsServer dns, int port, String level, String proxy, QueuedTo mail)
      throws Exception {
    CachingResolver resolver =
        new CachingResolver(dns.address(), Duration.ofSeconds(5), 1, mail.trust());
    TlsClient tls = new TlsClient(folder.resolve("authority.crt").toString());
    TlsPolicies policies =
        new TlsPolicies(
            resolver,
            level,
            true,
            !proxy.isEmpty(),
            port,
            tls,
            folder.resolve("sts" + System.nanoTime()).toString(),
            proxy,
            "");
    if (!mail.rule().isEmpty()) {
      TlsRule rule = new TlsRule();
      rule.setDomains(".dest.example");
      rule.setTls(mail.rule());
      rule.setNames(mail.names());
      policies.setRules(List.of(rule));
    }
    if (!proxy.isEmpty()) {
      StsServer.await(policies, "dest.example");
    }
    try (MxTransport mx =
        new MxTransport(resolver, port, "", "relay.example", 5, 100, policies, tls)) {
      return mx.deliver(mail.mail());
    }
  }

  private record QueuedTo(
      dev.caravan.queue.QueuedMail mail, String trust, String rule, String names) {
    static QueuedTo plain() {
      return new QueuedTo(Deliveries.mail("x@dest.example"), "loopback", "", "");
    }

    QueuedTo rule(String level, String asNames) {
      return new QueuedTo(mail, trust, level, asNames);
    }
  }

  private static String script(String name) {
    return switch (name) {
      case "tls" -> ENCRYPTED;
      case "stripped" -> STRIPPED;
      case "refused" -> OFFER + BEGIN + "TLS\nR";
      case "broken" -> BROKEN;
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest(name = "{0}, certificate {1}, server {2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        // level    | certificate | server   | ending
        "none       | self     | stripped | delivered 250 taken",
        "required   | self     | tls      | delivered 250 taken",
        "required   | self     | stripped | deferred 451 4.7.4 ",
        "required   | self     | broken   | deferred 451 4.7.5 ",
        "verified   | right    | tls      | delivered 250 taken",
        "verified   | right    | stripped | deferred 451 4.7.4 ",
        "verified   | right    | broken   | deferred 451 4.7.5 ",
        "verified   | other    | refused  | deferred 451 4.7.5 ",
        "verified   | expired  | refused  | deferred 451 4.7.5 ",
        "verified   | stranger | refused  | deferred 451 4.7.5 ",
        "verified   | self     | refused  | deferred 451 4.7.5 ",
        "dane       | right    | refused  | deferred 451 4.7.5 ",
        "mta-sts    | right    | refused  | deferred 451 4.7.5 ",
      })
  void whatTheOperatorWants(String level, String certificate, String script, String ending)
      throws Exception {
    try (FakeDnsServer dns = dns();
        ScriptedServer server = server(certificate, script(script))) {
      Attempt attempt = deliver(dns, server.port(), level, "", QueuedTo.plain());
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
      assertThat(server.messages()).hasSize(ending.startsWith("delivered") ? 1 : 0);
      assertThat(server.heard().stream().filter("--"::equals).count()).isLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest(name = "{0} {1}, certificate {2}, server {3}: {4}")
  @CsvSource(
      delimiter = '|',
      value = {
        // rule     | names         | certificate | server | ending
        "verified   | .dest.example | right    | refused  | deferred 451 4.7.5 mx.example",
        "verified   | dest.example  | domain   | tls      | delivered 250 taken",
        "required   |               | self     | tls      | delivered 250 taken",
        "none       |               | self     | stripped | delivered 250 taken",
      })
  void aRuleCountsBeforeTheLevel(
      String rule, String names, String certificate, String script, String ending)
      throws Exception {
    try (FakeDnsServer dns = dns();
        ScriptedServer server = server(certificate, script(script))) {
      Attempt attempt =
          deliver(
              dns,
              server.port(),
              "dane",
              "",
              QueuedTo.plain().rule(rule, names == null ? "" : names));
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
    }
  }

  @ParameterizedTest(name = "TLSA {0} {1} of {2}, certificate {3}, server {4}: {5}")
  @CsvSource(
      delimiter = '|',
      value = {
        // usage, selector, of | certificate | server | ending
        "3 | 1 | self      | self     | tls      | delivered 250 taken",
        "3 | 0 | self      | self     | tls      | delivered 250 taken",
        "3 | 1 | expired   | expired  | tls      | delivered 250 taken",
        "3 | 1 | other     | other    | tls      | delivered 250 taken",
        "3 | 1 | self      | right    | refused  | deferred 451 4.7.5 ",
        "3 | 1 | self      | self     | stripped | deferred 451 4.7.4 ",
        "3 | 1 | self      | self     | broken   | deferred 451 4.7.5 ",
        "2 | 0 | authority | right    | tls      | delivered 250 taken",
        "2 | 1 | authority | domain   | tls      | delivered 250 taken",
        "2 | 1 | authority | other    | refused  | deferred 451 4.7.5 ",
        "2 | 1 | authority | expired  | refused  | deferred 451 4.7.5 ",
        "2 | 1 | authority | stranger | refused  | deferred 451 4.7.5 ",
        // PKIX-TA and PKIX-EE can't be used: any encryption, but encryption
        "1 | 1 | self      | other    | tls      | delivered 250 taken",
        "0 | 1 | self      | other    | stripped | deferred 451 4.7.4 ",
      })
  void dane(int usage, int selector, String of, String certificate, String script, String ending)
      throws Exception {
    try (FakeDnsServer dns = dns();
        ScriptedServer server = server(certificate, script(script))) {
      dns.tlsa("_" + server.port() + "._tcp.mx.example", usage, selector, 1, digest(of, selector));
      Attempt attempt = deliver(dns, server.port(), "opportunistic", "", QueuedTo.plain());
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
      assertThat(server.heard().stream().filter("--"::equals).count()).isEqualTo(1);
    }
  }

  /** The right record of the wrong kind of DNS: the mail goes as without DANE. */
  @ParameterizedTest
  @CsvSource({"dest.example", "mx.example", "distrusted"})
  void whatIsNotSignedProvesNothing(String insecure) throws Exception {
    try (FakeDnsServer dns = dns();
        ScriptedServer server = server("right", STRIPPED)) {
      dns.tlsa("_" + server.port() + "._tcp.mx.example", 3, 1, 1, digest("self", 1));
      dns.insecure(insecure);
      QueuedTo mail =
          new QueuedTo(
              mail("x@dest.example"), insecure.equals("distrusted") ? "false" : "loopback", "", "");
      Attempt attempt = deliver(dns, server.port(), "opportunistic", "", mail);
      assertThat(endings(attempt)).containsExactly("x delivered 250 taken");
      assertThat(dns.queries()).noneMatch(q -> q.contains("TLSA"));
    }
  }

  @Test
  void aHostWhoseRecordsCantBeLookedUpIsLeftAloneAndTheNextIsTried() throws Exception {
    try (FakeDnsServer dns = dns();
        ScriptedServer one = server("self", STRIPPED);
        ScriptedServer two = ScriptedServer.startAt("127.0.0.2", one.port(), STRIPPED, STRIPPED)) {
      dns.servfail("_" + one.port() + "._tcp.mx.example");
      Attempt alone = deliver(dns, one.port(), "opportunistic", "", QueuedTo.plain());
      assertThat(endings(alone).getFirst())
          .startsWith("x deferred 451 4.7.5 mx.example: the TLSA records _")
          .endsWith("can't be looked up: SERVFAIL");
      dns.mx("dest.example", 20, "two.example").a("two.example", "127.0.0.2");
      Attempt both = deliver(dns, one.port(), "opportunistic", "", QueuedTo.plain());
      assertThat(endings(both)).containsExactly("x delivered 250 taken");
      assertThat(one.heard()).isEmpty();
      assertThat(two.messages()).hasSize(1);
    }
  }

  @ParameterizedTest(name = "{0} mx {1}, certificate {2}, server {3}: {4}")
  @CsvSource(
      delimiter = '|',
      value = {
        "enforce | mx.example  | right    | tls      | delivered 250 taken",
        "enforce | *.example   | right    | tls      | delivered 250 taken",
        "enforce | mx.example  | right    | stripped | deferred 451 4.7.4 ",
        "enforce | mx.example  | right    | broken   | deferred 451 4.7.5 ",
        "enforce | mx.example  | other    | refused  | deferred 451 4.7.5 ",
        "enforce | mx.example  | stranger | refused  | deferred 451 4.7.5 ",
        "enforce | mx.example  | expired  | refused  | deferred 451 4.7.5 ",
        "enforce | no.example  | right    | stripped | deferred 451 4.7.5 mx.example: the MTA-STS",
        "testing | mx.example  | stranger | tls      | delivered 250 taken",
        "testing | no.example  | right    | stripped | delivered 250 taken",
        "none    | no.example  | right    | stripped | delivered 250 taken",
      })
  void mtaSts(String mode, String mx, String certificate, String script, String ending)
      throws Exception {
    try (FakeDnsServer dns = dns().txt("_mta-sts.dest.example", "v=STSv1; id=1;");
        StsServer sts =
            new StsServer(serving("sts"))
                .policy("version: STSv1\nmode: " + mode + "\nmx: " + mx + "\nmax_age: 86400\n");
        ScriptedServer server = server(certificate, script(script))) {
      Attempt attempt = deliver(dns, server.port(), "opportunistic", sts.proxy(), QueuedTo.plain());
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
      assertThat(sts.asked()).containsExactly("mta-sts.dest.example/.well-known/mta-sts.txt");
    }
  }

  /** Two domains at one server: what one of them has published is not lost on the way together. */
  @Test
  void whatOneDomainWantsHoldsThoughItsServerIsAnothersToo() throws Exception {
    try (FakeDnsServer dns =
            dns()
                .txt("_mta-sts.dest.example", "v=STSv1; id=1;")
                .mx("easy.example", 10, "mx.example");
        StsServer sts =
            new StsServer(serving("sts"))
                .policy("version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n");
        ScriptedServer server = server("right", STRIPPED, STRIPPED)) {
      QueuedTo mail = new QueuedTo(mail("x@dest.example", "y@easy.example"), "loopback", "", "");
      Attempt attempt = deliver(dns, server.port(), "opportunistic", sts.proxy(), mail);
      assertThat(endings(attempt).get(0)).startsWith("x deferred 451 4.7.4 ");
      assertThat(endings(attempt).get(1)).isEqualTo("y delivered 250 taken");
      assertThat(server.heard()).contains("RCPT TO:<y@easy.example>");
      assertThat(server.heard()).doesNotContain("RCPT TO:<x@dest.example>");
    }
  }

  /** RFC 8461, 2: a policy does not help where DANE fails, nor is it needed where DANE is met. */
  @ParameterizedTest
  @CsvSource({"self, self, tls, delivered 250 taken", "self, right, refused, deferred 451 4.7.5 "})
  void daneCountsBeforeMtaSts(String of, String certificate, String script, String ending)
      throws Exception {
    try (FakeDnsServer dns = dns().txt("_mta-sts.dest.example", "v=STSv1; id=1;");
        StsServer sts =
            new StsServer(serving("sts"))
                .policy("version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n");
        ScriptedServer server = server(certificate, script(script))) {
      dns.tlsa("_" + server.port() + "._tcp.mx.example", 3, 1, 1, digest(of, 1));
      Attempt attempt = deliver(dns, server.port(), "opportunistic", sts.proxy(), QueuedTo.plain());
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
    }
  }

  /** RFC 8689, 5. */
  @ParameterizedTest
  @CsvSource({
    "'TLS-Required: No',                      delivered 250 taken",
    "'tls-required:  no',                     delivered 250 taken",
    "'TLS-Required: Yes',                     deferred 451 4.7.4 ",
    "'TLS-Required: No\r\nTLS-Required: No',  deferred 451 4.7.4 ",
    "'X: y',                                  deferred 451 4.7.4 ",
  })
  void aSenderMayNotMind(String field, String ending) throws Exception {
    try (FakeDnsServer dns = dns();
        ScriptedServer server = server("self", STRIPPED)) {
      dns.tlsa("_" + server.port() + "._tcp.mx.example", 3, 1, 1, digest("self", 1));
      QueuedTo mail =
          new QueuedTo(mailOf(field + "\r\n\r\nhello\r\n", "x@dest.example"), "loopback", "", "");
      Attempt attempt = deliver(dns, server.port(), "opportunistic", "", mail);
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
    }
  }

  /** RFC 8689, 4.2.1: the name of the server must be sure, and its certificate right. */
  @ParameterizedTest(name = "{0}, certificate {1}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "signed   | right    | require | delivered 250 taken",
        "signed   | stranger | refused | deferred 451 4.7.5 ",
        "unsigned | right    | none    | failed 550 5.7.30 ",
        "dane     | self     | require | delivered 250 taken",
        "signed   | right    | tls     | failed 550 5.7.30 ",
      })
  void whatMustBeEncrypted(String way, String certificate, String script, String ending)
      throws Exception {
    String[] scripts =
        switch (script) {
          case "none" -> new String[0];
          case "require" ->
              new String[] {OFFER + BEGIN + "TLS\nC EHLO\nS 250-remote\nS 250 REQUIRETLS\n" + ONE};
          default -> new String[] {script(script)};
        };
    try (FakeDnsServer dns = dns();
        ScriptedServer server = server(certificate, scripts)) {
      if (way.equals("unsigned")) {
        dns.insecure("dest.example");
      }
      if (way.equals("dane")) {
        dns.tlsa("_" + server.port() + "._tcp.mx.example", 3, 1, 1, digest("self", 1));
      }
      Envelope envelope =
          new Envelope(
              ReversePath.parse("a@sender.example"),
              List.of(EmailAddress.parse("x@dest.example")),
              MailOptions.NONE.withRequireTls(),
              Map.of());
      QueuedTo mail = new QueuedTo(mail(envelope, Deliveries.MESSAGE), "loopback", "", "");
      Attempt attempt = deliver(dns, server.port(), "opportunistic", "", mail);
      assertThat(endings(attempt).getFirst()).startsWith("x " + ending);
    }
  }
}
