package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Source;
import dev.caravan.delivery.SourceRule;
import dev.caravan.delivery.Sources;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each of our addresses may do at a site. */
final class SourceTrafficTest {
  private static final EmailAddress TO = EmailAddress.parse("b@dest.example");
  private static final String SITE = "dest.example";
  private static final Instant START = Instant.parse("2030-01-31T12:00:00Z");
  private static final String REFUSED = "451 4.4.1 mx[192.0.2.9]:25: connection refused";

  @TempDir private Path data;

  private final AtomicLong now = new AtomicLong(-7);
  private int mails;
  private Traffic traffic;
  private Sources sources = new Sources();

  @BeforeEach
  void start() {
    traffic = traffic();
  }

  private Traffic traffic() {
    sources = new Sources();
    Traffic fresh =
        new Traffic(
            20,
            "",
            Duration.ofMinutes(1),
            new SiteOrders(data.resolve("sites.json").toString()),
            now::get,
            this::wall);
    fresh.setSources(sources);
    fresh.setWarmUpCounts(new WarmUpCounts(data.resolve("counts").toString(), 100, this::wall));
    return fresh;
  }

  private Instant wall() {
    return START.plusNanos(now.get());
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private SourceRule rule(String addresses) {
    SourceRule rule = new SourceRule();
    rule.setAddresses(addresses);
    sources.getRules().add(rule);
    return rule;
  }

  private void warmUp(String source, String sites, String steps) {
    WarmUpRule rule = new WarmUpRule();
    rule.setSources(source);
    rule.setSites(sites);
    rule.setStart("2030-01-31");
    rule.setSteps(steps);
    assertThat(rule.problem()).isEmpty();
    traffic.getWarmUps().add(rule);
  }

  private QueuedMail mail(String from) {
    return new QueuedMail(
        new MailId("0123456789AB%04d".formatted(mails++)),
        new Envelope(ReversePath.parse(from), List.of(TO)),
        Content.of("Subject: x\r\n\r\nx\r\n"),
        SITE,
        0,
        Instant.EPOCH,
        "",
        Origin.Source.SMTP,
        false);
  }

  /** A mail that has its turn. */
  private final class Going implements AutoCloseable {
    final QueuedMail mail;
    final Entry.Turn turn;
    final String source;

    Going(QueuedMail mail, Entry.Turn turn) {
      this.mail = mail;
      this.turn = turn;
      // As the client does when it chooses.
      this.source =
          sources.poolOf(mail).pick(each -> sources(mail, each)).map(Source::id).orElse("nowhere");
    }

    private boolean sources(QueuedMail asks, Source each) {
      return sources.permit().mayUse(each, asks);
    }

    Attempt answered(String reply) {
      return learned(reply, "mx[192.0.2.9]:25");
    }

    Attempt unreached() {
      return learned(REFUSED, "");
    }

    private Attempt learned(String reply, String peer) {
      Attempt attempt = attempt(mail, reply, peer);
      traffic.learn(attempt);
      turn.close();
      return attempt;
    }

    @Override
    public void close() {
      turn.close();
    }
  }

  private static Attempt attempt(QueuedMail mail, String reply, String peer) {
    SmtpReply said = SmtpReply.parse(reply);
    Outcome outcome =
        said.isPositive()
            ? new Outcome.Delivered(TO, said)
            : said.isPermanent()
                ? new Outcome.Failed(TO, said)
                : new Outcome.Deferred(TO, said, false);
    return new Attempt(
        mail, List.of(outcome), peer, "", Duration.ZERO, Source.ANY, Transcript.EMPTY, Set.of(TO));
  }

  private Entry ask(QueuedMail mail) {
    return ask(mail, "");
  }

  private Entry ask(QueuedMail mail, String here) {
    Ask ask =
        new Ask(
            SITE,
            "",
            "",
            "",
            mail.id().value(),
            traffic.mindsSources() ? Optional.of(sources.poolOf(mail)) : Optional.empty());
    return traffic.tryEnter(ask, 100, here::equals);
  }

  private Optional<Going> go(String from) {
    QueuedMail mail = mail(from);
    return ask(mail) instanceof Entry.Turn turn
        ? Optional.of(new Going(mail, turn))
        : Optional.empty();
  }

  private Optional<Going> go() {
    return go("a@sender.example");
  }

  /** As many as may go at once, by their sources. */
  private Map<String, List<Going>> all() {
    Map<String, List<Going>> going = new TreeMap<>();
    for (Optional<Going> one = go(); one.isPresent(); one = go()) {
      going.computeIfAbsent(one.get().source, s -> new ArrayList<>()).add(one.get());
    }
    return going;
  }

  private Map<String, Integer> count(Map<String, List<Going>> going) {
    Map<String, Integer> counts = new TreeMap<>();
    going.forEach((source, some) -> counts.put(source, some.size()));
    return counts;
  }

  private Map<String, Integer> allAndBack() {
    Map<String, List<Going>> going = all();
    going.values().forEach(some -> some.forEach(Going::close));
    return count(going);
  }

  private String state(String source) {
    return traffic.report(SITE).sources().stream()
        .filter(report -> report.source().equals(source))
        .map(SourceReport::state)
        .findFirst()
        .orElse("unknown");
  }

  @Test
  void whereThereIsOneSourceNobodyMinds() {
    assertThat(traffic.mindsSources()).isFalse();
    rule("192.0.2.1 out.example");
    assertThat(traffic.mindsSources()).isFalse();
    assertThat(allAndBack()).isEqualTo(Map.of("192.0.2.1", 5));
    assertThat(traffic.report(SITE).sources()).isEmpty();
  }

  @Test
  void eachBeginsSmallAndTheSitesLimitIsForAll() {
    rule("192.0.2.1, 192.0.2.2, 192.0.2.3");
    assertThat(allAndBack()).isEqualTo(Map.of("192.0.2.1", 5, "192.0.2.2", 5, "192.0.2.3", 5));
    sources.getRules().clear();
    rule("192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5 weight=1");
    assertThat(allAndBack().values().stream().mapToInt(n -> n).sum()).isEqualTo(20);
  }

  /** One source gets 421, the other goes on and grows; the first comes back when it is answered. */
  @Test
  void aSourceThatIsRefusedShrinksAndTheOthersGoOn() {
    rule("192.0.2.1, 192.0.2.2");
    for (int round = 0; round < 30; round++) {
      all()
          .forEach(
              (source, some) ->
                  some.forEach(
                      going ->
                          going.answered(
                              source.equals("192.0.2.1") ? "421 4.7.0 Not you" : "250 2.0.0 Ok")));
    }
    assertThat(allAndBack())
        .containsOnlyKeys("192.0.2.2")
        .hasEntrySatisfying("192.0.2.2", n -> assertThat(n).isBetween(15, 20));
    assertThat(state("192.0.2.1")).isEqualTo("down");
    assertThat(traffic.report(SITE).state()).isNotEqualTo("down");
    pass(Duration.ofMinutes(1));
    Map<String, List<Going>> probing = all();
    assertThat(probing.get("192.0.2.1")).hasSize(1);
    probing.values().forEach(some -> some.forEach(going -> going.answered("250 2.0.0 Ok")));
    assertThat(state("192.0.2.1")).isEqualTo("open");
    assertThat(allAndBack().get("192.0.2.1")).isEqualTo(5);
  }

  /** Then one attempt in each interval asks whether it is back, whichever source it takes. */
  @Test
  void theSiteIsDownWhenAllItsSourcesAre() {
    rule("192.0.2.1, 192.0.2.2, 192.0.2.3");
    for (int round = 0; round < 5; round++) {
      all().values().forEach(some -> some.forEach(Going::unreached));
    }
    assertThat(traffic.report(SITE).state()).isEqualTo("down");
    assertThat(traffic.report(SITE).why()).contains("connection refused; next attempt in 60 s");
    int attempts = 0;
    for (int second = 0; second < 600; second++) {
      pass(Duration.ofSeconds(1));
      Map<String, List<Going>> some = all();
      attempts += count(some).values().stream().mapToInt(n -> n).sum();
      some.values().forEach(each -> each.forEach(Going::unreached));
    }
    assertThat(attempts).isEqualTo(10);
    pass(Duration.ofMinutes(1));
    all().values().forEach(some -> some.forEach(going -> going.answered("250 2.0.0 Ok")));
    assertThat(traffic.report(SITE).state()).isEqualTo("open");
  }

  @Test
  void aSourceIsLeftOutByARuleWhileAnotherIsLeft() {
    rule("192.0.2.1, 192.0.2.2");
    ResponseRule blocked = new ResponseRule();
    blocked.setReply("^550 5\\.7\\.1 .*block list");
    blocked.setOutcome("defer");
    blocked.setAnotherSource("1h");
    Responses responses = new Responses();
    responses.setRules(List.of(blocked));

    Going first = go().orElseThrow();
    Attempt after =
        responses.apply(
            attempt(first.mail, "550 5.7.1 On our block list (S3140)", "mx[192.0.2.9]:25"),
            traffic);
    traffic.learn(after);
    first.close();
    assertThat(after.deferred()).hasSize(1);
    assertThat(after.mail().soon()).isTrue();
    assertThat(state(first.source)).isEqualTo("left-out");
    assertThat(traffic.report(SITE).state()).isEqualTo("open");

    Going second = go().orElseThrow();
    assertThat(second.source).isNotEqualTo(first.source);
    Attempt last =
        responses.apply(
            attempt(second.mail, "550 5.7.1 On our block list (S3140)", "mx[192.0.2.9]:25"),
            traffic);
    traffic.learn(last);
    second.close();
    assertThat(last.mail().soon()).isFalse();
    assertThat(ask(mail("a@sender.example")))
        .isInstanceOfSatisfying(
            Entry.Later.class,
            later -> {
              assertThat(later.lane()).isEqualTo(SITE);
              assertThat(later.nanos()).isEqualTo(Duration.ofHours(1).toNanos());
              assertThat(later.why()).contains("192.0.2.1, left out for 60 min: 550 5.7.1 On our");
            });
    pass(Duration.ofHours(1));
    assertThat(allAndBack()).isEqualTo(Map.of("192.0.2.1", 5, "192.0.2.2", 5));
  }

  @Test
  void anOperatorEndsIt() {
    rule("192.0.2.1, 192.0.2.2");
    Going first = go().orElseThrow();
    boolean another =
        traffic.leaveOut(
            attempt(first.mail, "451 4.7.1 No", "mx"), Duration.ofHours(1), "451 4.7.1 No");
    assertThat(another).isTrue();
    first.close();
    assertThat(allAndBack()).hasSize(1);
    traffic.resume(SITE);
    assertThat(allAndBack()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "1: 3/d 9/h, dest.example",
    "1: 3/d,     *",
    "1: free,    other.example",
  })
  void aNewSourceSendsWhatItsDayAllows(String steps, String sites) {
    rule("192.0.2.1, 192.0.2.2 new.example");
    warmUp("new.example", sites, steps);
    Map<String, Integer> sent = new TreeMap<>();
    for (int hour = 0; hour < 10; hour++) {
      for (int i = 0; i < 20; i++) {
        Going going = go().orElseThrow();
        sent.merge(going.source, 1, Integer::sum);
        going.answered("250 2.0.0 Ok");
      }
      pass(Duration.ofHours(1));
    }
    if (steps.equals("1: free")) {
      assertThat(sent).isEqualTo(Map.of("192.0.2.1", 100, "192.0.2.2", 100));
    } else {
      assertThat(sent).isEqualTo(Map.of("192.0.2.1", 197, "192.0.2.2", 3));
    }
  }

  /** It waits, says why, is nobody's trouble, and goes on the next day. */
  @Test
  void withoutAnotherSourceMailWaitsForTheNextDay() {
    warmUp("any", "*", "1: 4/d, 2: 6/d, 3: free");
    for (int i = 0; i < 4; i++) {
      go().orElseThrow().answered("250 2.0.0 Ok");
    }
    assertThat(ask(mail("a@sender.example")))
        .isInstanceOfSatisfying(
            Entry.Later.class,
            later -> {
              assertThat(later.lane()).isEqualTo(SITE);
              assertThat(later.why()).isEqualTo("any, day 1 of its warm-up: 4 of 4 mails today");
              assertThat(Duration.ofNanos(later.nanos())).isBetween(hours(12), hours(13));
              assertThat(later.told()).doesNotContain("any", "warm-up");
            });
    SiteReport report = traffic.report(SITE);
    assertThat(report.state()).isEqualTo("throttled");
    assertThat(report.lastTrouble()).isEmpty();
    assertThat(report.why())
        .isEqualTo(
            "throttled by any, day 1 of its warm-up: 4 of 4 mails today; next attempt in 12.0 h");
    assertThat(report.sources().getFirst())
        .satisfies(
            source -> {
              assertThat(source.state()).isEqualTo("waiting");
              assertThat(source.today()).isEqualTo(4);
              assertThat(source.todayMax()).hasValue(4);
            });
    traffic.learn(attempt(mail("a@sender.example"), "451 4.4.5 No attempt was made", ""));
    assertThat(traffic.report(SITE).counts().total()).isEqualTo(4);

    traffic = traffic();
    warmUp("any", "*", "1: 4/d, 2: 6/d, 3: free");
    assertThat(go()).as("after a restart").isEmpty();
    pass(hours(13));
    for (int i = 0; i < 6; i++) {
      go().orElseThrow().answered("250 2.0.0 Ok");
    }
    assertThat(go()).isEmpty();
    pass(hours(24));
    for (int i = 0; i < 100; i++) {
      go().orElseThrow().answered("250 2.0.0 Ok");
    }
  }

  private static Duration hours(int n) {
    return Duration.ofHours(n);
  }

  /** Mail that has reached nobody has used up nothing. */
  @Test
  void whatHasNotBeenSentDoesNotCount() {
    warmUp("any", "*", "1: 4/d");
    for (int i = 0; i < 4; i++) {
      go().orElseThrow().unreached();
    }
    for (int i = 0; i < 4; i++) {
      go().orElseThrow().answered("250 2.0.0 Ok");
    }
    assertThat(go()).isEmpty();
  }

  @Test
  void beforeItsFirstDayASourceSendsNothing() {
    rule("192.0.2.1");
    WarmUpRule rule = new WarmUpRule();
    rule.setSources("192.0.2.1");
    rule.setStart("2030-02-02");
    rule.setSteps("1: 5/d");
    traffic.setWarmUps(List.of(rule));
    assertThat(ask(mail("a@sender.example")))
        .isInstanceOfSatisfying(
            Entry.Later.class,
            later -> {
              assertThat(later.why()).isEqualTo("192.0.2.1, its warm-up begins on 2030-02-02");
              assertThat(Duration.ofNanos(later.nanos())).isBetween(hours(36), hours(37));
            });
  }

  /** Mail that may start from elsewhere is not behind it: it has a lane of its own. */
  @Test
  void mailWithOtherSourcesPasses() {
    SourceRule news = rule("192.0.2.1 news.example");
    news.setSenderDomains("news.example");
    news.setName("news");
    warmUp("192.0.2.1", "*", "1: 1/d");
    go("a@news.example").orElseThrow().answered("250 2.0.0 Ok");
    assertThat(ask(mail("a@news.example")))
        .isInstanceOfSatisfying(
            Entry.Later.class, later -> assertThat(later.lane()).isEqualTo(SITE + ".from-news"));
    Going other = go("a@sender.example").orElseThrow();
    assertThat(other.source).isEqualTo("any");
    other.close();

    traffic.suspend(SITE, "");
    assertThat(lane(ask(mail("a@news.example")))).isEqualTo(SITE);
    assertThat(lane(ask(mail("a@news.example"), SITE + ".from-news")))
        .as("who waits there already waits on there")
        .isEqualTo(SITE + ".from-news");
  }

  private static String lane(Entry entry) {
    return entry instanceof Entry.Later later ? later.lane() : "none";
  }

  /** A mail without a turn: its header decides, and it is too large to be looked at before. */
  @Test
  void aMailWithoutATurnCountsWhenItsSourceIsChosen() {
    rule("192.0.2.1");
    warmUp("192.0.2.1", "*", "1: 1/d");
    Source source =
        sources.getRules().isEmpty() ? Source.ANY : sources.poolOf(mail("")).sources().getFirst();
    assertThat(sources.permit().mayUse(source, mail(""))).isTrue();
    assertThat(sources.permit().use(source, mail(""))).isTrue();
    assertThat(sources.permit().use(source, mail(""))).isFalse();
    assertThat(sources.permit().mayUse(source, mail(""))).isFalse();
  }
}
