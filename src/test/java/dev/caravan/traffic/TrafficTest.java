package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Smarthost;
import dev.caravan.delivery.SmarthostTable;
import dev.caravan.delivery.Source;
import dev.caravan.delivery.Transcript;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrafficTest {
  private static final int ALL = Integer.MAX_VALUE;
  private static final EmailAddress TO = EmailAddress.parse("b@dest.example");
  private static final Duration PROBE = Duration.ofMinutes(1);

  private static final Instant START = Instant.parse("2030-01-31T12:00:00Z");

  @TempDir private Path data;

  private final AtomicLong now = new AtomicLong(-5);

  private SiteTraffic site(int concurrency, String rate) {
    return new SiteTraffic("example.com", new Limits(concurrency, Rate.parse(rate)), PROBE);
  }

  private Traffic traffic(int concurrency, String rate, LongSupplier nanoTime) {
    return new Traffic(
        concurrency,
        rate,
        PROBE,
        new SiteOrders(data.resolve("sites.json").toString()),
        nanoTime,
        () -> START.plusNanos(now.get()));
  }

  private Entry enter(SiteTraffic site) {
    return site.tryEnter(now.get(), ALL);
  }

  /** As many as it gives at once. */
  private List<Entry.Turn> all(SiteTraffic site) {
    List<Entry.Turn> turns = new ArrayList<>();
    while (enter(site) instanceof Entry.Turn turn) {
      turns.add(turn);
    }
    return turns;
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void concurrencyStartsSmallAndGrowsWithAnswers() {
    SiteTraffic site = site(20, "");
    assertThat(all(site)).hasSize(5).allSatisfy(Entry.Turn::close);
    grow(site);
    assertThat(all(site)).hasSize(20);
  }

  private void grow(SiteTraffic site) {
    for (int round = 0; round < 100; round++) {
      List<Entry.Turn> turns = all(site);
      turns.forEach(turn -> site.answered());
      turns.forEach(Entry.Turn::close);
    }
  }

  /** A thousand mails one after the other say nothing about twenty at once. */
  @Test
  void concurrencyThatIsNotMadeUseOfDoesNotGrow() {
    SiteTraffic site = site(20, "");
    for (int i = 0; i < 1000; i++) {
      try (Entry.Turn turn = (Entry.Turn) enter(site)) {
        assertThat(turn).isNotNull();
        site.answered();
      }
    }
    assertThat(all(site)).hasSize(5);
  }

  @Test
  void troubleTakesAwayWhatAnswersGave() {
    SiteTraffic site = site(20, "");
    grow(site);
    assertThat(all(site)).hasSize(20).allSatisfy(Entry.Turn::close);
    for (int i = 0; i < 12; i++) {
      site.trouble(now.get(), "421 4.7.0 Too many");
      site.trouble(now.get(), "421 4.7.0 Too many");
      site.answered();
    }
    assertThat(all(site).size()).isBetween(1, 5);
  }

  /** The DNS of one domain that fails takes nothing from the others of its provider. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAskedNobodySaysNothingOfTheSite(boolean asked) {
    Traffic traffic = traffic(20, "", now::get);
    Outcome later =
        new Outcome.Deferred(TO, SmtpReply.of(451, "4.4.3", "can't be looked up now"), false);
    QueuedMail mail =
        new QueuedMail(
            new MailId("0123456789ABCDEF"),
            new Envelope(ReversePath.parse("a@sender.example"), List.of(TO)),
            Content.of(new byte[0]),
            "provider",
            0,
            Instant.EPOCH,
            "",
            Origin.Source.SMTP,
            false);
    for (int i = 0; i < 10; i++) {
      traffic.learn(
          new Attempt(
              mail,
              List.of(later),
              "",
              "",
              Duration.ZERO,
              Source.ANY,
              Transcript.EMPTY,
              asked ? Set.of(TO) : Set.of()));
    }
    assertThat(traffic.report("provider").state()).isEqualTo(asked ? "down" : "open");
    assertThat(traffic.report("provider").counts().attempts()).isEqualTo(Map.of("unreached", 10L));
  }

  @Test
  void connectionsAreCountedForEachSite() {
    Traffic traffic = traffic(20, "", now::get);
    traffic.opened("A.example", "TLSv1.3 TLS_AES_128_GCM_SHA256");
    traffic.opened("a.example", "");
    traffic.reused("a.example");
    traffic.failed("a.example");
    traffic.failed("b.example");
    assertThat(traffic.report("a.example").counts().connections())
        .isEqualTo(new SiteCounts.Connections(Map.of("TLSv1.3", 1L, "none", 1L), 1, 1));
  }

  /** A server that takes ten at a time and refuses the others: about ten it gets. */
  @Test
  void itFindsWhatTheSiteBears() {
    SiteTraffic site = site(100, "");
    int sum = 0;
    for (int round = 0; round < 500; round++) {
      List<Entry.Turn> turns = all(site);
      for (int i = 0; i < turns.size(); i++) {
        if (i < 10) {
          site.answered();
        } else {
          site.trouble(now.get(), "421 4.7.0 Too many");
        }
      }
      turns.forEach(Entry.Turn::close);
      sum += turns.size();
    }
    assertThat(sum / 500).isBetween(9, 12);
  }

  @Test
  void aSiteThatIsDownIsAskedOnceInAnInterval() {
    SiteTraffic site = site(20, "");
    for (Entry.Turn turn : all(site)) {
      site.trouble(now.get(), "451 4.4.1 connection refused");
      turn.close();
    }
    int attempts = 0;
    for (int second = 0; second <= 600; second++) {
      for (Entry.Turn turn : all(site)) {
        attempts++;
        site.trouble(now.get(), "451 4.4.1 connection refused");
        turn.close();
      }
      pass(Duration.ofSeconds(1));
    }
    assertThat(attempts).isEqualTo(10);
    assertThat(enter(site))
        .isInstanceOfSatisfying(
            Entry.Later.class,
            later -> assertThat(later.why()).contains("down", "connection refused"));
    assertThat(site.report(now.get(), START).state()).isEqualTo("down");
  }

  @Test
  void oneAnswerMeansThatItIsBack() {
    SiteTraffic site = site(20, "");
    for (int i = 0; i < 5; i++) {
      site.trouble(now.get(), "451 4.4.1 connection refused");
    }
    assertThat(all(site)).isEmpty();
    pass(PROBE);
    List<Entry.Turn> probe = all(site);
    assertThat(probe).hasSize(1);
    site.answered();
    probe.forEach(Entry.Turn::close);
    assertThat(all(site)).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource({"10/s, 60, 600", "600/min, 60, 600", "3600/h, 600, 600", "'10/s,100/min', 120, 200"})
  void aRateHolds(String rate, int seconds, int expected) {
    SiteTraffic site = site(1000, rate);
    int given = 0;
    for (int i = 0; i < seconds * 1000; i++) {
      for (Entry.Turn turn : all(site)) {
        turn.close();
        given++;
      }
      pass(Duration.ofMillis(1));
    }
    assertThat(given).isBetween(expected, expected + expected / 20 + 1);
  }

  /** Workers wake late; what that costs is made up for, so that the rate holds on the whole. */
  @Test
  void aRateHoldsWhenNobodyIsPunctual() {
    SiteTraffic site = site(1000, "100/s");
    int given = 0;
    for (int i = 0; i < 1000; i++) {
      for (Entry.Turn turn : all(site)) {
        turn.close();
        given++;
      }
      pass(Duration.ofMillis(7 + i % 20));
    }
    long millis = Duration.ofNanos(now.get()).toMillis();
    assertThat(given).isBetween((int) (millis / 10 * 0.98), (int) (millis / 10 * 1.02) + 10);
  }

  @Test
  void aCallersShareIsLessThanTheSites() {
    SiteTraffic site = site(20, "");
    assertThat(site.tryEnter(now.get(), 2)).isInstanceOf(Entry.Turn.class);
    assertThat(site.tryEnter(now.get(), 2)).isInstanceOf(Entry.Turn.class);
    assertThat(site.tryEnter(now.get(), 2)).isInstanceOf(Entry.Later.class);
    assertThat(all(site)).hasSize(3);
  }

  @Test
  void aTurnIsGivenBackOnce() {
    SiteTraffic site = site(1, "");
    Entry.Turn turn = all(site).getFirst();
    turn.close();
    turn.close();
    assertThat(all(site)).hasSize(1);
  }

  @Test
  void waitingHasAnEnd() throws Exception {
    Traffic traffic = traffic(1, "", System::nanoTime);
    assertThat(traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false))
        .isInstanceOf(Entry.Turn.class);
    assertThat(traffic.enter(Ask.of("example.com"), lane -> true, Duration.ofMillis(3)))
        .isInstanceOf(Entry.Later.class);
  }

  @Test
  void whoWaitsGetsThePlaceThatIsGivenBack() throws Exception {
    Traffic traffic = traffic(1, "", System::nanoTime);
    Entry.Turn first = (Entry.Turn) traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false);
    Thread.startVirtualThread(first::close);
    assertThat(traffic.enter(Ask.of("example.com"), lane -> true, Duration.ofMinutes(1)))
        .isInstanceOf(Entry.Turn.class);
  }

  @Test
  void aSmarthostMaySayHowManyDeliveriesItTakes() {
    Smarthost relay = new Smarthost();
    relay.setName("relay");
    relay.setHosts("relay.example:587");
    relay.setConcurrency(3);
    SmarthostTable table = new SmarthostTable();
    table.setSmarthosts(List.of(relay));
    Traffic traffic = traffic(20, "", now::get);
    traffic.setSmarthosts(table);
    assertThat(traffic.concurrencyMax("relay.example:587")).isEqualTo(3);
    assertThat(traffic.concurrencyMax("other.example:587")).isEqualTo(20);
  }

  @Test
  void ofEachLimitTheFirstRuleThatNamesASiteAndSaysItCounts() {
    Traffic traffic = traffic(20, "100/s", now::get);
    SiteRule slowly = new SiteRule();
    slowly.setSites("example.com, *.example.net");
    slowly.setConcurrency(2);
    SiteRule all = new SiteRule();
    all.setSites("*");
    all.setConcurrency(7);
    all.setRate("10/s");
    all.setMessagesPerConnection(3);
    traffic.getRules().addAll(List.of(slowly, all)); // as Camel does
    assertThat(traffic.concurrencyMax("EXAMPLE.com")).isEqualTo(2);
    assertThat(traffic.concurrencyMax("a.example.net")).isEqualTo(2);
    assertThat(traffic.concurrencyMax("example.net")).isEqualTo(7);
    traffic.tryEnter(Ask.of("example.com"), ALL, lane -> false);
    assertThat(traffic.report().getFirst().rates()).containsExactly("10/s");
    assertThat(traffic.messagesPerConnection("example.com")).hasValue(3);
    assertThat(traffic.recipientsPerTransaction("example.com")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"100", "0/s", "-1/s", "5/week", "1/s,", "a/s", "9999999999/s"})
  void aRateThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> Rate.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
