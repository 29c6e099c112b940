package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which smarthost a mail goes by, and who stands in for it. */
final class SmarthostsTest {
  private static final String HELLO = "S 220 hello\nC EHLO\nS 250 remote\n";
  private static final String TAKEN =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
  private static final Duration AMPLE = Deliveries.AMPLE;

  /** A connection for each mail. */
  private static final ClientOptions OPTIONS =
      new ClientOptions("relay.example", AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, 1);

  private final AtomicLong now = new AtomicLong(1);

  /** Rules: the first that matches counts, all of its conditions must hold. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # sender          | recipient           | user  | listener   | header             | site
          a@sender.example  | x@dest.example      |       | smtp       |                    | standard.example:25
          a@bulk.example    | x@dest.example      |       | smtp       |                    | relays
          a@sub.bulk.example| x@dest.example      |       | smtp       |                    | relays
          a@notbulk.example | x@dest.example      |       | smtp       |                    | standard.example:25
          boss@one.example  | x@dest.example      |       | smtp       |                    | vip.example:465
          BOSS@One.Example  | x@dest.example      |       | smtp       |                    | vip.example:465
          joe@one.example   | x@dest.example      |       | smtp       |                    | standard.example:25
          <>                | x@dest.example      |       | smtp       |                    | reports.example:587
          a@sender.example  | x@partner.example   |       | smtp       |                    | via:partner.example:26
          a@sender.example  | x@dest.example      | app   | submission |                    | account-one
          a@sender.example  | x@dest.example      | APP   | submission |                    | account-one
          a@sender.example  | x@dest.example      | other | submission |                    | account-two
          a@sender.example  | x@dest.example      | other | smtp       |                    | standard.example:25
          a@sender.example  | x@dest.example      |       | smtp       | X-Stream: big bulk | relays
          a@sender.example  | x@dest.example      |       | smtp       | X-Stream: personal | standard.example:25
          a@bulk.example    | x@exempt.example    |       | smtp       | X-Stream: bulk     | standard.example:25
          """)
  void choice(
      String sender, String recipient, String user, String listener, String header, String site) {
    SmarthostTable table =
        table(
            List.of(
                smarthost("a", "a.example:587", s -> s.setGroups("relays")),
                smarthost("b", "b.example:587", s -> s.setGroups("relays")),
                smarthost("vip", "vip.example:465", s -> {}),
                smarthost("reports", "reports.example", s -> {}),
                smarthost("account-one", "shared.example:587", s -> {}),
                smarthost("account-two", "Shared.example:587", s -> {})),
            rule("default", r -> r.setRecipients("exempt.example")),
            rule("relays", r -> r.setSenders(".bulk.example")),
            rule("vip", r -> r.setSenders("boss@one.example")),
            rule("reports", r -> r.setSenders("<>")),
            rule("partner.example:26", r -> r.setRecipients("partner.example, other.example")),
            rule("account-one", r -> r.setUsers("app")),
            rule(
                "account-two",
                r -> {
                  r.setUsers("*");
                  r.setListeners("submission,submissions");
                }),
            rule(
                "relays",
                r -> {
                  r.setHeader("x-stream");
                  r.setMatches("\\bBULK$");
                }));
    Mail mail = mail(sender, recipient, Optional.ofNullable(user), listener, header);
    try (Smarthosts all = Smarthosts.all(table, server("standard.example:25"), OPTIONS);
        Smarthosts some = Smarthosts.exceptions(table, OPTIONS)) {
      EmailAddress to = mail.recipients().getFirst();
      assertThat(all.siteOf(mail, to)).contains(site);
      assertThat(some.siteOf(mail, to))
          .isEqualTo(Optional.of(site).filter(s -> !s.startsWith("standard")));
      // the queued mail finds it again
      if (!site.startsWith("via:")) {
        assertThat(all.isTaken(site)).isTrue();
      }
    }
  }

  @Test
  void aRulesServerGoesBeforeTheTable() {
    SmarthostTable table =
        table(List.of(smarthost("a", "a.example:587", s -> s.setGroups("g"))), rule("a", r -> {}));
    try (Smarthosts some = Smarthosts.exceptions(table, OPTIONS)) {
      Mail mail = Deliveries.accepted();
      EmailAddress to = mail.recipients().getFirst();
      assertThat(some.siteOf(mail, to)).contains("a.example:587");
      assertThat(some.siteOf(mail.withSite("g"), to)).contains("g");
      assertThat(some.siteOf(mail.withSite("a"), to)).contains("a.example:587");
      assertThat(some.siteOf(mail.withSite("A.example:587"), to)).contains("a.example:587");
      assertThat(some.siteOf(mail.withSite("z.example:25"), to)).contains("via:z.example:25");
      assertThat(some.siteOf(mail.withSite("nobody"), to)).contains("via:nobody");
    }
  }

  @Test
  void aMailIsSplitByTheSmarthostsOfItsRecipients() {
    SmarthostTable table =
        table(
            List.of(smarthost("a", "a.example:587", s -> {})),
            rule("a", r -> r.setRecipients(".one.example")));
    Mail one = Deliveries.accepted();
    Mail mail =
        one.withEnvelope(
            Deliveries.mail("x@one.example", "y@two.example", "z@sub.one.example").envelope());
    try (Smarthosts all = Smarthosts.all(table, server("standard.example:25"), OPTIONS)) {
      assertThat(
              QueuedMail.bySite(mail, (m, r) -> all.siteOf(m, r).orElseThrow()).stream()
                  .map(q -> q.site() + " " + q.envelope().recipients()))
          .containsExactly(
              "a.example:587 [x@one.example, z@sub.one.example]",
              "standard.example:25 [y@two.example]");
    }
  }

  @Test
  void theStandardMayBeOfTheTable() {
    SmarthostTable table =
        table(
            List.of(
                smarthost("a", "a.example:587", s -> s.setGroups("relays")),
                smarthost("b", "b.example:587", s -> s.setGroups("relays"))));
    try (Smarthosts all = Smarthosts.all(table, server("relays:25"), OPTIONS)) {
      Mail mail = Deliveries.accepted();
      assertThat(all.siteOf(mail, mail.recipients().getFirst())).contains("relays");
    }
  }

  @Test
  void whatDoesNotGoTogetherIsTold() {
    assertThatThrownBy(
            () ->
                Smarthosts.exceptions(
                    table(
                        List.of(
                            smarthost("a", "a.example", s -> {}),
                            smarthost("b", "b.example", s -> s.setGroups("a")))),
                    OPTIONS))
        .hasMessageContaining("two smarthosts or groups called a");
    assertThatThrownBy(
            () -> Smarthosts.exceptions(table(List.of(), rule("nobody", r -> {})), OPTIONS))
        .hasMessageContaining("there is no smarthost or group nobody");
    assertThatThrownBy(() -> new Smarthost().relay()).hasMessageContaining("a name and hosts");
    assertThatThrownBy(() -> smarthost("a", "a.example", s -> s.setUser("u")).relay())
        .hasMessageContaining("needs a password or a token");
    for (String bad : List.of("relay.example", "a b", "", "default", "a:25")) {
      assertThatThrownBy(() -> new Smarthost().setName(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String bad : List.of("", "a b", "a:0", "a:70000", "a:25:25", "[::1")) {
      assertThatThrownBy(() -> new Smarthost().setHosts(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          a.example:465, '',   '',       IMPLICIT
          a.example:587, '',   '',       OPPORTUNISTIC
          a.example:587, user, '',       VERIFIED
          a.example:465, user, required, REQUIRED
          a.example,     user, none,     NONE
          """)
  void encryptionIsSafeByDefault(String host, String user, String tls, TlsMode expected) {
    Smarthost bean =
        smarthost(
            "a",
            host,
            s -> {
              if (!user.isEmpty()) {
                s.setUser(user);
                s.setPassword("secret");
              }
              if (!tls.isEmpty()) {
                s.setTls(tls);
              }
            });
    assertThat(bean.relay().servers().getFirst().tls()).isEqualTo(expected);
    assertThat(bean.toString() + bean.relay()).doesNotContain("secret");
  }

  /** Within 5 standard deviations of what the weights ask for. */
  @Test
  void sharesAreByWeight() {
    Group group =
        Directory.of(
                List.of(
                    relay("a", 6, 10, 0),
                    relay("b", 3, 10, 0),
                    relay("c", 1, 10, 0),
                    relay("d", 5, 20, 0)),
                Duration.ofSeconds(30),
                now::get)
            .find("g")
            .orElseThrow();
    Random random = new Random(1);
    int draws = 100_000;
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < draws; i++) {
      List<Member> order = group.order(random);
      first.merge(order.getFirst().toString(), 1, Integer::sum);
      assertThat(order.getLast()).hasToString("d");
    }
    for (Map.Entry<String, Double> share : Map.of("a", 0.6, "b", 0.3, "c", 0.1).entrySet()) {
      double expected = share.getValue();
      double deviation = Math.sqrt(draws * expected * (1 - expected));
      assertThat((double) first.getOrDefault(share.getKey(), 0))
          .as(share.getKey())
          .isBetween(draws * expected - 5 * deviation, draws * expected + 5 * deviation);
    }
  }

  @Test
  void whoCouldNotBeReachedStepsBackAndOneMailFindsOutWhetherItIsBack() {
    Member member = new Member(relay("a", 1, 10, 0), Duration.ofSeconds(30), now::get);
    assertThat(member.mayBeTried()).isTrue();
    member.couldNotBeReached();
    assertThat(member.stepsBack()).isTrue();
    assertThat(member.mayBeTried()).isFalse();
    now.addAndGet(Duration.ofSeconds(31).toNanos());
    assertThat(member.stepsBack()).isFalse();
    assertThat(member.mayBeTried()).as("the one that finds out").isTrue();
    assertThat(member.mayBeTried()).as("a second").isFalse();
    assertThat(member.stepsBack()).isTrue();
    member.answered();
    assertThat(member.stepsBack()).isFalse();
    assertThat(member.mayBeTried()).isTrue();
    assertThat(member.mayBeTried()).isTrue();
  }

  @Test
  void concurrencyIsThatOfThoseTriedFirst() {
    Directory directory =
        Directory.of(
            List.of(
                relay("a", 1, 10, 3),
                relay("b", 1, 10, 4),
                relay("c", 1, 20, 100),
                new Relay("d", List.of(server("d.example:25")), 1, 0, 0, java.util.Set.of())),
            Duration.ofSeconds(30),
            now::get);
    assertThat(directory.concurrencyOf("g")).isEqualTo(OptionalInt.of(7));
    assertThat(directory.concurrencyOf("a.example:587")).isEqualTo(OptionalInt.of(3));
    assertThat(directory.concurrencyOf("d.example:25")).isEmpty();
    assertThat(directory.concurrencyOf("dest.example")).isEmpty();
  }

  @Test
  void whoeverIsLeftTakesTheMail() throws Exception {
    try (ScriptedServer good = ScriptedServer.start(HELLO + TAKEN, HELLO + TAKEN)) {
      SmarthostTable table =
          table(
              List.of(
                  smarthost("dead", "127.0.0.1:" + closedPort(), s -> group(s, 1)),
                  smarthost("good", "127.0.0.1:" + good.port(), s -> group(s, 2))));
      try (Smarthosts all = all(table)) {
        for (int i = 0; i < 2; i++) {
          Attempt attempt = all.deliver(queued("g", "x@dest.example"), true, never());
          assertThat(endings(attempt)).containsExactly("x delivered 250 taken");
          assertThat(attempt.peer()).endsWith(":" + good.port());
          // only the first mail pays for the dead one
          assertThat(attempt.transcript().toString().contains("connection refused"))
              .isEqualTo(i == 0);
        }
      }
    }
  }

  @Test
  void whoIsPutOffByOneIsOfferedToASecondButNotWhenItMayHaveBeenTaken() throws Exception {
    String busy = HELLO + "C MAIL\nS 250 ok\nC RCPT\nS 452 4.3.1 full\nC RSET\nS 250 ok\n";
    String gone = HELLO + "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nCLOSE\n";
    String never = HELLO + "C MAIL\nS 250 ok\nC RCPT\nS 550 5.1.1 nobody\nC RSET\nS 250 ok\n";
    for (Map.Entry<String, String> first :
        Map.of(busy, "x delivered", gone, "x deferred maybe", never, "x failed").entrySet()) {
      try (ScriptedServer one = ScriptedServer.start(first.getKey());
          ScriptedServer two = ScriptedServer.start(HELLO + TAKEN)) {
        SmarthostTable table =
            table(
                List.of(
                    smarthost("one", "127.0.0.1:" + one.port(), s -> group(s, 1)),
                    smarthost("two", "127.0.0.1:" + two.port(), s -> group(s, 2))));
        try (Smarthosts all = all(table)) {
          Attempt attempt = all.deliver(queued("g", "x@dest.example"), true, never());
          assertThat(endings(attempt).getFirst()).startsWith(first.getValue());
          assertThat(two.heard().isEmpty()).isEqualTo(!first.getValue().equals("x delivered"));
        }
      }
    }
  }

  @Test
  void noneLeftMeansLater() throws Exception {
    SmarthostTable table =
        table(
            List.of(
                smarthost("one", "127.0.0.1:" + closedPort(), s -> group(s, 1)),
                smarthost("two", "does-not-exist.invalid:25", s -> group(s, 1))));
    try (Smarthosts all = all(table)) {
      for (int i = 0; i < 2; i++) {
        Attempt attempt = all.deliver(queued("g", "x@dest.example", "y@b.example"), true, never());
        assertThat(endings(attempt)).allMatch(e -> e.matches("[xy] deferred 451 4\\.4\\.[13] .*"));
        assertThat(attempt.trouble()).isPresent();
      }
    }
  }

  /** The table has changed since it was accepted: the rules decide anew, for each recipient. */
  @Test
  void aNameThatIsNotKnownAnyMoreIsChosenForAgain() throws Exception {
    try (ScriptedServer one = ScriptedServer.start(HELLO + TAKEN);
        ScriptedServer two = ScriptedServer.start(HELLO + TAKEN)) {
      SmarthostTable table =
          table(
              List.of(smarthost("one", "127.0.0.1:" + one.port(), s -> {})),
              rule("one", r -> r.setRecipients("one.example")));
      for (String site : List.of("renamed", "gone.example:587", "via:renamed")) {
        one.then(HELLO + TAKEN);
        two.then(HELLO + TAKEN);
        try (Smarthosts all = Smarthosts.all(table, server("127.0.0.1:" + two.port()), OPTIONS)) {
          Attempt attempt =
              all.deliver(queued(site, "x@one.example", "y@two.example"), true, never());
          assertThat(endings(attempt))
              .containsExactly("x delivered 250 taken", "y delivered 250 taken");
          assertThat(attempt.mail().site()).isEqualTo(site);
        }
      }
      assertThat(one.surprises()).isEmpty();
      assertThat(two.surprises()).isEmpty();
    }
  }

  @Test
  void whatWasNotChosenGoesItsOrdinaryWay() throws Exception {
    try (Smarthosts some = Smarthosts.exceptions(table(List.of()), OPTIONS)) {
      Attempt ordinary =
          new Attempt(queued("dest.example", "x@dest.example"), List.of(), "", "", Duration.ZERO);
      assertThat(some.deliver(queued("dest.example", "x@dest.example"), false, m -> ordinary))
          .isSameAs(ordinary);
      assertThat(some.deliver(queued("renamed", "x@dest.example"), true, m -> ordinary).outcomes())
          .hasSize(1);
    }
  }

  @Test
  void theTableKnowsItsNamesAndItsLimits() {
    SmarthostTable table =
        table(
            List.of(
                smarthost("a", "a.example:587", s -> s.setConcurrency(3)),
                smarthost("b", "b.example:587", s -> s.setGroups("g"))));
    for (String name : List.of("a", "B", "g", "default", "other.example:25")) {
      assertThat(table.knows(name)).as(name).isTrue();
    }
    assertThat(table.knows("c")).isFalse();
    assertThat(table.problem()).isEmpty();
    assertThat(table.concurrencyOf("a.example:587")).isEqualTo(OptionalInt.of(3));
    assertThat(table.concurrencyOf("g")).isEmpty();
  }

  private Smarthosts all(SmarthostTable table) throws Exception {
    return Smarthosts.all(
        table, server("127.0.0.1:" + closedPort()), OPTIONS, new Random(1), now::get);
  }

  private static void group(Smarthost smarthost, int priority) {
    smarthost.setGroups("g");
    smarthost.setPriority(priority);
  }

  private static Smarthosts.Way never() {
    return mail -> {
      throw new AssertionError("there is no ordinary way");
    };
  }

  private static int closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static QueuedMail queued(String site, String... recipients) {
    QueuedMail mail = Deliveries.mail(recipients);
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

  private static NamedServer server(String text) {
    return NamedServer.of(text).orElseThrow();
  }

  private static Relay relay(String name, int weight, int priority, int concurrency) {
    return smarthost(
            name,
            name + ".example:587",
            s -> {
              s.setGroups("g");
              s.setWeight(weight);
              s.setPriority(priority);
              if (concurrency > 0) {
                s.setConcurrency(concurrency);
              }
            })
        .relay();
  }

  private static Smarthost smarthost(String name, String hosts, Consumer<Smarthost> more) {
    Smarthost smarthost = new Smarthost();
    smarthost.setName(name);
    smarthost.setHosts(hosts);
    more.accept(smarthost);
    return smarthost;
  }

  private static SmarthostRule rule(String via, Consumer<SmarthostRule> more) {
    SmarthostRule rule = new SmarthostRule();
    rule.setVia(via);
    more.accept(rule);
    return rule;
  }

  private static SmarthostTable table(List<Smarthost> smarthosts, SmarthostRule... rules) {
    SmarthostTable table = new SmarthostTable();
    table.setSmarthosts(smarthosts);
    table.setRules(Arrays.asList(rules));
    return table;
  }

  private static Mail mail(
      String sender,
      String recipient,
      Optional<String> user,
      String listener,
      @org.jspecify.annotations.Nullable String header) {
    Origin origin =
        Origin.smtp(
            listener,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
            true,
            Instant.EPOCH);
    String text = (header == null ? "" : header + "\r\n") + "Subject: x\r\n\r\nx\r\n";
    return new Mail(
        new MailId("01M851KCJ1X450J4"),
        user.map(origin::withUser).orElse(origin),
        new Envelope(
            sender.equals("<>") ? ReversePath.NULL : ReversePath.parse(sender),
            List.of(EmailAddress.parse(recipient))),
        Content.of(text.getBytes(StandardCharsets.ISO_8859_1)));
  }
}
