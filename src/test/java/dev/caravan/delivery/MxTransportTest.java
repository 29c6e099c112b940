package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.accepted;
import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeResolver;
import dev.caravan.mail.EmailAddress;
import dev.caravan.queue.QueuedMail;
import java.util.List;
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
    return Deliveries.mx(dns, port, "");
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

  /** What the DNS says of one domain says nothing of the site that it shares with others. */
  @ParameterizedTest
  @CsvSource({
    "x@slow.example,                                false, ''",
    "x@gone.example,                                false, ''",
    "x@slow.example y@gone.example z@null.example,  false, ''",
    "x@slow.example y@busy.example,                 true,  451 4.3.2",
    "x@gone.example y@busy.example,                 true,  451 4.3.2",
    "x@slow.example y@dest.example,                 true,  ''",
    "x@busy.example y@dest.example,                 true,  ''",
    "x@busy.example,                                true,  451 4.3.2",
  })
  void onlyServersThatWereAskedAreInTrouble(String recipients, boolean asked, String trouble)
      throws Exception {
    FakeResolver dns =
        new FakeResolver()
            .nullMx("null.example")
            .timeout("slow.example")
            .a("dest.example", "127.0.0.1")
            .a("busy.example", "127.0.0.2");
    try (ScriptedServer one = ScriptedServer.start(TAKEN);
        ScriptedServer two = ScriptedServer.startAt("127.0.0.2", one.port(), "S 421 4.3.2 busy");
        MxTransport mx = transport(dns, one.port())) {
      assertThat(two.port()).isEqualTo(one.port());
      Attempt attempt = mx.deliver(mail(recipients.split(" ")));
      assertThat(attempt.wasAsked()).isEqualTo(asked);
      assertThat(attempt.trouble().map(reply -> reply.toString().substring(0, 9)).orElse(""))
          .isEqualTo(trouble);
    }
  }

  /** One site when it was accepted; now some of the domains have moved. */
  @Test
  void onlyRecipientsWithTheSameServersTravelTogether() throws Exception {
    FakeResolver dns =
        twoServers()
            .mx("same.example", 1, "ONE.example")
            .mx("same.example", 2, "two.example")
            .mx("turned.example", 1, "two.example")
            .mx("turned.example", 2, "one.example")
            .mx("moved.example", 1, "two.example")
            .nullMx("null.example")
            .timeout("slow.example");
    String both =
        HELLO
            + "C RCPT TO:<a@dest\nS 250 ok\nC RCPT TO:<b@same\nS 550 5.1.1 who\n"
            + "C DATA\nS 354 go on\nD\nS 250 taken\n";
    try (ScriptedServer one = ScriptedServer.start(both);
        ScriptedServer two =
            ScriptedServer.startAt(
                "127.0.0.2",
                one.port(),
                TAKEN + "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 x\nD\nS 250 taken\n");
        MxTransport mx = transport(dns, one.port())) {
      Attempt attempt =
          mx.deliver(
              mail(
                  "a@dest.example",
                  "c@moved.example",
                  "n@null.example",
                  "b@same.example",
                  "s@slow.example",
                  "t@turned.example",
                  "g@gone.example"));
      assertThat(endings(attempt))
          .satisfiesExactly(
              e -> assertThat(e).isEqualTo("a delivered 250 taken"),
              e -> assertThat(e).isEqualTo("c delivered 250 taken"),
              e -> assertThat(e).startsWith("n failed 556 5.1.10 "),
              e -> assertThat(e).isEqualTo("b failed 550 5.1.1 who"),
              e -> assertThat(e).startsWith("s deferred 451 4.4.3 "),
              e -> assertThat(e).isEqualTo("t delivered 250 taken"),
              e -> assertThat(e).startsWith("g failed 550 5.1.2 "));
      assertThat(one.surprises()).isEmpty();
      assertThat(two.surprises()).isEmpty();
      assertThat(one.messages()).hasSize(1);
      assertThat(two.messages()).hasSize(2);
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

  @Test
  void someOfTheMailGoesBySmarthosts() throws Exception {
    FakeResolver dns = new FakeResolver();
    try (ScriptedServer server =
            ScriptedServer.start(TAKEN + "C MAIL\nS 250 ok\n" + TAKEN.substring(HELLO.length()));
        MxTransport mx = transport(dns, 25)) {
      Smarthost partner = new Smarthost();
      partner.setName("partner");
      partner.setHosts("127.0.0.1:" + server.port());
      partner.setGroups("localdomain");
      SmarthostRule rule = new SmarthostRule();
      rule.setRecipients("partner.example");
      rule.setVia("localdomain");
      SmarthostTable table = new SmarthostTable();
      table.setSmarthosts(List.of(partner));
      table.setRules(List.of(rule));
      mx.setSmarthosts(table);

      EmailAddress byRule = EmailAddress.parse("x@partner.example");
      assertThat(mx.siteOf(accepted(), byRule)).isEqualTo("localdomain");
      assertThat(mx.siteOf(accepted().withSite("partner"), byRule))
          .isEqualTo("127.0.0.1:" + server.port());
      assertThat(mx.siteOf(accepted(), EmailAddress.parse("x@dest.example")))
          .isEqualTo("dest.example");
      assertThat(mx.siteOf(accepted(), EmailAddress.parse("x@localdomain")))
          .as("a domain that is called as the group is")
          .isEqualTo("localdomain.");
      int asked = dns.queries().size();
      // chosen when it was accepted; and chosen now, for its name is not known any more
      for (String site : List.of("localdomain", "renamed")) {
        assertThat(endings(mx.deliver(at(site, mail("x@partner.example")))))
            .containsExactly("x delivered 250 taken");
      }
      assertThat(dns.queries().stream().skip(asked).filter(q -> !q.contains("partner"))).isEmpty();
    }
  }

  private static QueuedMail at(String site, QueuedMail mail) {
    return new QueuedMail(
        mail.id(),
        mail.envelope(),
        mail.content(),
        site,
        0,
        mail.queuedAt(),
        "",
        mail.source(),
        false);
  }
}
