package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits that are not by site. */
final class SenderRuleTest {
  private static final Predicate<String> NOWHERE = lane -> false;

  @TempDir private Path data;

  private final AtomicLong now = new AtomicLong();

  private Traffic traffic(SenderRule... rules) {
    Traffic traffic =
        new Traffic(
            20,
            "",
            Duration.ofMinutes(1),
            new SiteOrders(data.resolve("sites.json").toString()),
            now::get,
            () -> Instant.EPOCH);
    traffic.setSenderRules(List.of(rules));
    return traffic;
  }

  private static SenderRule rule(String by, String names, String rate) {
    SenderRule rule = new SenderRule();
    rule.setBy(by);
    rule.setNames(names);
    rule.setRate(rate);
    return rule;
  }

  private static Ask ask(String site) {
    return new Ask(site, "sender.example", "alice", "spring");
  }

  @ParameterizedTest
  @CsvSource({
    "sender-domain, *, sender-domain=sender.example",
    "sender-domain, *.example, sender-domain=sender.example",
    "user, alice, user=alice",
    "user, bob, -",
    "campaign, *, campaign=spring",
    "campaign, summer, -"
  })
  void aLimitHoldsOverAllSitesAndNamesItsLane(String by, String names, String lane) {
    Traffic traffic = traffic(rule(by, names, "1/min"));
    assertThat(traffic.tryEnter(ask("a.example"), 9, NOWHERE)).isInstanceOf(Entry.Turn.class);
    Entry second = traffic.tryEnter(ask("b.example"), 9, NOWHERE);
    if (lane.equals("-")) {
      assertThat(second).isInstanceOf(Entry.Turn.class);
    } else {
      assertThat(second)
          .isInstanceOfSatisfying(
              Entry.Later.class,
              later -> {
                assertThat(later.lane()).isEqualTo(lane);
                assertThat(later.why()).startsWith("the rate 1/min of the ");
              });
    }
  }

  @Test
  void eachNameHasABucketOfItsOwnAndNobodyHasNone() {
    Traffic traffic = traffic(rule("user", "*", "1/h"));
    Ask bob = new Ask("a.example", "", "bob", "");
    assertThat(traffic.tryEnter(ask("a.example"), 9, NOWHERE)).isInstanceOf(Entry.Turn.class);
    assertThat(traffic.tryEnter(bob, 9, NOWHERE)).isInstanceOf(Entry.Turn.class);
    assertThat(traffic.tryEnter(bob, 9, NOWHERE)).isInstanceOf(Entry.Later.class);
    for (int i = 0; i < 3; i++) {
      assertThat(traffic.tryEnter(Ask.of("a.example"), 9, NOWHERE)).isInstanceOf(Entry.Turn.class);
    }
  }

  @Test
  void aConcurrencyIsGivenBack() {
    SenderRule two = rule("campaign", "*", "");
    two.setConcurrency(2);
    Traffic traffic = traffic(two);
    List<Entry.Turn> turns = new ArrayList<>();
    while (traffic.tryEnter(ask("s" + turns.size()), 9, NOWHERE) instanceof Entry.Turn turn) {
      turns.add(turn);
    }
    assertThat(turns).hasSize(2);
    turns.getFirst().close();
    turns.getFirst().close();
    assertThat(traffic.tryEnter(ask("x"), 9, NOWHERE)).isInstanceOf(Entry.Turn.class);
    assertThat(traffic.tryEnter(ask("y"), 9, NOWHERE)).isInstanceOf(Entry.Later.class);
  }

  /** What the site refuses has not used the limit up, unless it leaves the lane of the limit. */
  @Test
  void aMailThatItsSiteRefusesDoesNotCountWhereItStays() {
    Traffic traffic = traffic(rule("campaign", "*", "1/min"));
    traffic.suspend("a.example", "down");
    for (int i = 0; i < 5; i++) {
      assertThat(traffic.tryEnter(ask("a.example"), 9, NOWHERE))
          .isInstanceOfSatisfying(
              Entry.Later.class, later -> assertThat(later.lane()).isEqualTo("a.example"));
    }
    Predicate<String> here = lane -> lane.equals("campaign=spring");
    assertThat(((Entry.Later) traffic.tryEnter(ask("a.example"), 9, here)).lane())
        .isEqualTo("a.example");
    assertThat(((Entry.Later) traffic.tryEnter(ask("a.example"), 9, here)).lane())
        .as("moves from one lane to the other are not faster than the limit")
        .isEqualTo("campaign=spring");
  }

  @ParameterizedTest
  @CsvSource({"10/s, 60, 600", "'10/s,100/min', 120, 200", "3600/h, 600, 600"})
  void aRateHolds(String rate, int seconds, int expected) {
    Traffic traffic = traffic(rule("user", "*", rate));
    int given = 0;
    for (int i = 0; i < seconds * 100; i++) {
      while (traffic.tryEnter(ask("s" + i % 7), 1000, NOWHERE) instanceof Entry.Turn turn) {
        turn.close();
        given++;
      }
      now.addAndGet(Duration.ofMillis(10).toNanos());
    }
    assertThat(given).isBetween(expected, expected + expected / 20 + 1);
  }

  @Test
  void whatACampaignIsIsAskedOnlyWhenARuleCountsThem() {
    assertThat(traffic(rule("user", "*", "1/s")).campaignHeader()).isEmpty();
    assertThat(traffic(rule("campaign", "*", "1/s")).campaignHeader()).hasValue("X-Campaign");
    assertThatThrownBy(() -> rule("colour", "*", "")).isInstanceOf(IllegalArgumentException.class);
  }
}
