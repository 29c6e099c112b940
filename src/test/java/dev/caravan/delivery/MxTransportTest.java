package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.accepted;
import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.dns.FakeResolver;
import dev.caravan.mail.EmailAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a domain to its servers: two of them, at two addresses of the loopback network. */
final class MxTransportTest {
  private static final String HELLO =
      "S 220 hello\nC EHLO\nS 250 remote.example\nC MAIL\nS 250 ok\n";
  private static final String TAKEN =
      HELLO + "C RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";

  private static FakeResolver twoServers() {
    return new FakeResolver()
        .mx("dest.example", 10, "one.example")
        .a("one.example", "127.0.0.1")
        .mx("dest.example", 20, "two.example")
        .a("two.example", "127.0.0.2");
  }

  private static MxTransport transport(FakeResolver dns, int port) {
    TlsClient tls = new TlsClient();
    TlsPolicies anything =
        new TlsPolicies(dns, "opportunistic", false, false, port, tls, "absent", "", "");
    return new MxTransport(dns, port, "", "relay.example", 5, 100, anything, tls);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "S 421 busy                          | x delivered 250 taken    | true",
        "CLOSE                               | x delivered 250 taken    | true",
        "RCPT S 450 4.2.0 later              | x delivered 250 taken    | true",
        "RCPT S 550 5.1.1 who                | x failed 550 5.1.1 who   | false",
      })
  void theSecondServerIsAskedWhenTheFirstCanNotNow(String first, String ending, boolean secondAsked)
      throws Exception {
    String script =
        first.startsWith("RCPT ")
            ? HELLO + "C RCPT\n" + first.substring(5) + "\nC RSET\nS 250 ok"
            : first;
    try (ScriptedServer one = ScriptedServer.start(script);
        ScriptedServer two = ScriptedServer.startAt("127.0.0.2", one.port(), TAKEN);
        MxTransport mx = transport(twoServers(), one.port())) {
      Attempt attempt = mx.deliver(mail("x@dest.example"));
      assertThat(endings(attempt)).containsExactly(ending);
      assertThat(two.messages()).hasSize(secondAsked ? 1 : 0);
      assertThat(attempt.peer())
          .isEqualTo(
              secondAsked
                  ? "two.example[127.0.0.2]:" + one.port()
                  : "one.example[127.0.0.1]:" + one.port());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "null.example,    x failed 556 5.1.10",
    "gone.example,    x failed 550 5.1.2",
    "slow.example,    x deferred 451 4.4.3",
    "relay.example,   x failed 554 5.4.6",
  })
  void whatTheDnsDecidesIsSaidOfEachRecipient(String domain, String ending) throws Exception {
    FakeResolver dns =
        new FakeResolver()
            .nullMx("null.example")
            .timeout("slow.example")
            .a("relay.example", "192.0.2.1");
    try (MxTransport mx = transport(dns, 25)) {
      assertThat(endings(mx.deliver(mail("x@" + domain, "y@" + domain))))
          .hasSize(2)
          .first()
          .asString()
          .startsWith(ending + " ");
    }
  }

  @Test
  void theSiteIsTheDomain() {
    try (MxTransport mx = transport(new FakeResolver(), 25)) {
      assertThat(mx.siteOf(accepted(), EmailAddress.parse("x@Dest.Example")))
          .isEqualTo("dest.example");
    }
  }

  @Test
  void aLiteralIsReachedWithoutTheDns() throws Exception {
    FakeResolver dns = new FakeResolver();
    try (ScriptedServer server = ScriptedServer.start(TAKEN);
        MxTransport mx = transport(dns, server.port())) {
      assertThat(endings(mx.deliver(mail("x@[127.0.0.1]"))))
          .containsExactly("x delivered 250 taken");
      assertThat(dns.queries()).isEmpty();
    }
  }
}
