package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.MxTransport;
import dev.caravan.delivery.tls.StsServer;
import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.dns.CachingResolver;
import dev.caravan.flow.Certificates;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mail to a Postfix with the right certificate, with a wrong one, and with STARTTLS stripped; the
 * DNS is a Knot that signs and an Unbound that validates.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsPolicyInteropTest {
  private Path folder = Path.of("");
  private @Nullable Postfix postfix;
  private @Nullable SignedDns dns;
  private @Nullable StsServer sts;

  @BeforeAll
  void start(@TempDir Path shared) throws Exception {
    Tools.need("knotd", "knot");
    Tools.need("unbound", "unbound");
    folder = shared;
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Certificates authority = Certificates.of("authority.example", Optional.empty());
    Duration month = Duration.ofDays(30);
    Certificates right =
        Certificates.of(
            List.of("mx-right.signed.example", "mx-right.plain.example"),
            month,
            Optional.of(authority));
    authority.write(folder, "authority");
    right.write(folder, "right");
    Certificates.of(List.of("other.example"), month, Optional.of(authority)).write(folder, "wrong");
    sts =
        new StsServer(
                Certificates.of(
                        List.of(
                            "mta-sts.right.plain.example",
                            "mta-sts.wrong.plain.example",
                            "mta-sts.stripped.plain.example"),
                        month,
                        Optional.of(authority))
                    .serving())
            .policy("version: STSv1\nmode: enforce\nmx: *.plain.example\nmax_age: 86400\n");
    postfix = Postfix.start(folder);
    String tlsa =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(right.certificate().getPublicKey().getEncoded()));
    StringBuilder signed = new StringBuilder();
    StringBuilder plain = new StringBuilder();
    List<String> servers = List.of("right", "wrong", "stripped");
    for (int i = 0; i < servers.size(); i++) {
      String hosts =
          "%s MX 10 mx-%s%nmx-%s A 127.0.0.%d%n"
              .formatted(servers.get(i), servers.get(i), servers.get(i), i + 1);
      signed
          .append(hosts)
          .append("_%d._tcp.mx-%s TLSA 3 1 1 %s%n".formatted(postfix.port(), servers.get(i), tlsa));
      plain.append(hosts).append("_mta-sts.%s TXT \"v=STSv1; id=1;\"%n".formatted(servers.get(i)));
    }
    dns = SignedDns.start(folder, signed.toString(), plain.toString());
  }

  @AfterAll
  void stop() throws Exception {
    try (SignedDns d = dns;
        StsServer s = sts;
        Postfix p = postfix) {
      assertThat(d == null || s == null || p == null || !p.log().contains("fatal")).isTrue();
    }
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    // what counts, domain,      ending
    "dane,          right.signed.example,    250",
    "dane,          wrong.signed.example,    451 4.7.5",
    "dane,          stripped.signed.example, 451 4.7.4",
    "dane,          x.bogus.example,         451 4.4.3",
    "sts,           right.plain.example,     250",
    "sts,           wrong.plain.example,     451 4.7.5",
    "sts,           stripped.plain.example,  451 4.7.4",
    "required,      right.plain.example,     250",
    "required,      wrong.plain.example,     250",
    "required,      stripped.plain.example,  451 4.7.4",
    "verified,      right.plain.example,     250",
    "verified,      wrong.plain.example,     451 4.7.5",
    "verified,      stripped.plain.example,  451 4.7.4",
    "opportunistic, wrong.plain.example,     250",
    "opportunistic, stripped.plain.example,  250",
  })
  void whatIsPublishedOrWantedIsKept(String what, String domain, String ending) throws Exception {
    Postfix peer = postfix;
    SignedDns names = dns;
    StsServer policies = sts;
    if (peer == null || names == null || policies == null) {
      throw new AssertionError("not started");
    }
    CachingResolver resolver = new CachingResolver(names.address(), Duration.ofSeconds(5), 3);
    TlsClient tls = new TlsClient(folder.resolve("authority.crt").toString());
    String level = what.equals("dane") || what.equals("sts") ? "opportunistic" : what;
    TlsPolicies rules =
        new TlsPolicies(
            resolver,
            level,
            what.equals("dane"),
            what.equals("sts"),
            peer.port(),
            tls,
            folder.resolve("sts-" + what).toString(),
            policies.proxy(),
            "");
    if (what.equals("sts")) {
      StsServer.await(rules, domain);
    }
    try (MxTransport mx =
        new MxTransport(resolver, peer.port(), "", "relay.example", 5, 100, rules, tls)) {
      Attempt attempt = mx.deliver(mail("b@" + domain));
      assertThat(attempt.outcomes())
          .singleElement()
          .extracting(o -> o.reply().toString())
          .asString()
          .startsWith(ending);
      boolean delivered = attempt.outcomes().getFirst() instanceof Outcome.Delivered;
      boolean clear = domain.startsWith("stripped");
      assertThat(delivered && !clear).isEqualTo(attempt.tls().startsWith("TLSv1."));
    }
  }

  private static QueuedMail mail(String to) {
    return new QueuedMail(
        new MailId("01M851KCJ1X450J4"),
        new Envelope(ReversePath.parse("a@sender.example"), List.of(EmailAddress.parse(to))),
        Content.of("Subject: test\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)),
        "site.example",
        0,
        Instant.EPOCH,
        "",
        Origin.Source.SMTP,
        false);
  }
}
