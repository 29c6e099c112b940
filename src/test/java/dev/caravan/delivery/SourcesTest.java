package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.Envelope;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where mail starts from. */
final class SourcesTest {
  private static final String TAKEN =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";

  private static String hello(String name) {
    return "S 220 hello\nC EHLO " + name + "\nS 250 remote.example\n" + TAKEN + "C QUIT";
  }

  private static SourceRule rule(String addresses) {
    SourceRule rule = new SourceRule();
    rule.setAddresses(addresses);
    return rule;
  }

  private static ClientSettings settings(SourceRule... rules) {
    Sources sources = new Sources();
    sources.setRules(List.of(rules));
    ClientSettings settings = new ClientSettings();
    settings.setSources(sources);
    return settings;
  }

  private static Hop hop(String address, int port) {
    return new Hop(
        "dest.example", InetAddress.ofLiteral(address), port, TlsMode.NONE, Optional.empty());
  }

  private static QueuedMail from(String sender, String header) {
    return Deliveries.mail(
        new Envelope(ReversePath.parse(sender), mail("x@dest.example").envelope().recipients()),
        header + "\r\n\r\nhello\r\n");
  }

  /** The server sees the address, and the name that belongs to it. */
  @Test
  void takesTurnsByWeight() throws Exception {
    String two = hello("out2.example");
    String three = hello("out3.example");
    ClientOptions once =
        new ClientOptions(
            "relay.example",
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            1);
    try (ScriptedServer server = ScriptedServer.start(two, three, two, two, three, two);
        HopSender sender = new HopSender(once, 5)) {
      sender.use(settings(rule("127.0.0.2 out2.example weight=2, 127.0.0.3 ::1 out3.example")));
      for (int i = 0; i < 6; i++) {
        Attempt attempt =
            sender.send(mail("x@dest.example"), List.of(hop("127.0.0.1", server.port())));
        assertThat(attempt.delivered()).hasSize(1);
        assertThat(attempt.source().toString()).isEqualTo(server.peers().get(i));
      }
      assertThat(server.peers())
          .containsExactly(
              "127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.2");
      assertThat(server.surprises()).isEmpty();
    }
  }

  @Test
  void weightsAreKeptAndMixed() {
    SourcePool pool =
        SourcePool.parse("192.0.2.1 weight=70, 192.0.2.2 weight=20, 192.0.2.3 weight=10");
    List<String> order =
        IntStream.range(0, 1000)
            .mapToObj(i -> pool.next(e -> true).orElseThrow().source().toString())
            .toList();
    Map<String, Long> counts =
        order.stream().collect(Collectors.groupingBy(s -> s, Collectors.counting()));
    assertThat(counts).isEqualTo(Map.of("192.0.2.1", 700L, "192.0.2.2", 200L, "192.0.2.3", 100L));
    assertThat(order.subList(0, 10)).contains("192.0.2.2", "192.0.2.3");
  }

  @ParameterizedTest
  @CsvSource({
    "a@news.example,     Subject: x,        site.example, news",
    "a@sub.bulk.example, Subject: x,        site.example, news",
    "a@bulk.example,     Subject: x,        site.example, rest",
    "a@sender.example,   X-Pool: Slow,      site.example, pool",
    "a@sender.example,   X-Pool: fast,      site.example, rest",
    "a@sender.example,   X-Any: whatever,   site.example, any",
    "<>,                 Subject: x,        site.example, rest",
  })
  void theFirstRuleThatIsForAMail(String sender, String header, String site, String name) {
    SourceRule news = rule("news");
    news.setSenderDomains("news.example, *.bulk.example");
    SourceRule pool = rule("pool");
    pool.setHeader("X-Pool: slow");
    SourceRule any = rule("any");
    any.setHeader("x-any");
    SourceRule elsewhere = rule("elsewhere");
    elsewhere.setSites("google, *.other.example");
    SourceRule rest = rule("rest");
    rest.setSites("*");
    Sources sources = settings(news, pool, any, elsewhere, rest).sources();
    Sources.Choice choice =
        sources.choose(
            from(sender.equals("<>") ? "" : sender, header), List.of(hop("192.0.2.1", 25)));
    assertThat(choice)
        .isInstanceOfSatisfying(
            Sources.Choice.Start.class,
            start ->
                assertThat(start.hops()).extracting(h -> h.source().name()).containsExactly(name));
  }

  @Test
  void withoutARuleTheSystemChooses() {
    SourceRule news = rule("192.0.2.9 news.example");
    news.setSenderDomains("news.example");
    List<Hop> hops = List.of(hop("192.0.2.1", 25));
    assertThat(settings(news).sources().choose(from("a@b.example", "Subject: x"), hops))
        .isEqualTo(new Sources.Choice.Start(hops, Source.ANY));
  }

  /** A site that has both families is reached over the one that the source has. */
  @ParameterizedTest
  @CsvSource({
    "192.0.2.9,             192.0.2.1",
    "2001:db8::9,           2001:db8:0:0:0:0:0:1",
    "192.0.2.9 2001:db8::9, 192.0.2.1 2001:db8:0:0:0:0:0:1",
    "out.example,           192.0.2.1 2001:db8:0:0:0:0:0:1",
  })
  void onlyAddressesOfItsFamily(String source, String reached) {
    Sources.Choice choice =
        settings(rule(source))
            .sources()
            .choose(mail("x@dest.example"), List.of(hop("192.0.2.1", 25), hop("2001:db8::1", 25)));
    assertThat(choice)
        .isInstanceOfSatisfying(
            Sources.Choice.Start.class,
            start ->
                assertThat(
                        start.hops().stream()
                            .map(h -> h.address().getHostAddress())
                            .collect(Collectors.joining(" ")))
                    .isEqualTo(reached));
  }

  @Test
  void noSourceIsLater() throws Exception {
    try (HopSender sender = new HopSender(Deliveries.OPTIONS, 5)) {
      sender.use(settings(rule("2001:db8::9")));
      assertThat(endings(sender.send(mail("x@dest.example"), List.of(hop("127.0.0.1", 25)))))
          .first()
          .asString()
          .matches("x deferred 451 4.3.5 2001:db8:.* is of another family .*site.example");
      ClientSettings full = settings(rule("192.0.2.1, 192.0.2.2"));
      full.sources().setPermit((source, mail) -> !mail.site().equals("site.example"));
      sender.use(full);
      Attempt none = sender.send(mail("x@dest.example"), List.of(hop("127.0.0.1", 25)));
      assertThat(endings(none))
          .containsExactly("x deferred 451 4.4.5 no source address may send to site.example now");
      assertThat(none.wasMade()).isFalse();
    }
  }

  @Test
  void whatMayNotBeUsedIsPassedOver() {
    Sources sources = settings(rule("192.0.2.1 weight=9, 192.0.2.2")).sources();
    sources.setPermit((source, mail) -> source.toString().equals("192.0.2.2"));
    for (int i = 0; i < 5; i++) {
      assertThat(sources.choose(mail("x@dest.example"), List.of(hop("192.0.2.9", 25))))
          .isInstanceOfSatisfying(
              Sources.Choice.Start.class,
              start -> assertThat(start.hops().getFirst().source()).hasToString("192.0.2.2"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'',                     false, false",
    "192.0.2.1,              false, false",
    "'192.0.2.1, 192.0.2.2', true,  false",
    "news.example: a,        true,  true",
  })
  void whetherItMattersWhere(String rule, boolean several, boolean pools) {
    Sources sources = new Sources();
    if (!rule.isEmpty()) {
      SourceRule one = rule(rule.replaceAll(".*: ", ""));
      if (rule.contains(":")) {
        one.setSenderDomains("news.example");
      }
      sources.getRules().add(one);
    }
    assertThat(sources.hasSeveral()).isEqualTo(several);
    assertThat(sources.hasSeveralPools()).isEqualTo(pools);
  }

  /** Somebody else was faster between the two questions. */
  @Test
  void whatIsUsedUpMeanwhileIsLater() {
    Sources sources = settings(rule("192.0.2.1")).sources();
    sources.setPermit(
        new Sources.Permit() {
          @Override
          public boolean mayUse(Source source, QueuedMail mail) {
            return true;
          }

          @Override
          public boolean use(Source source, QueuedMail mail) {
            return false;
          }
        });
    assertThat(sources.choose(mail("x@dest.example"), List.of(hop("192.0.2.9", 25))))
        .isInstanceOf(Sources.Choice.Later.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "192.0.2.1 192.0.2.2",
        "999.0.2.1",
        "192.0.2.1 a.example b.example",
        "192.0.2.1 weight=0",
        "192.0.2.1 weight=1000001",
        "192.0.2.1 two_words! a",
        "::1 ::2"
      })
  void whatIsNoPlace(String text) {
    assertThatThrownBy(() -> SourcePool.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRuleWithoutAddressesIsRefused() {
    assertThat(new SourceRule().problem()).hasValue("a source rule needs the property addresses");
    assertThat(rule("192.0.2.1").problem()).isEmpty();
  }
}
