package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * TCP keeps octets in order and nothing else: whatever a client sends after the greeting, in
 * whatever pieces it comes, and whenever the routes answer, it gets the same replies in the same
 * order, and the same mails are taken.
 *
 * <p>{@code -Dcaravan.test.seed=N} plays one more dialogue.
 */
final class SplitTest {
  private static final int SEEDS = 300;
  private static final int GROUPINGS = 40;

  /** Longer dialogues are cut at so many places only. */
  private static final int CUTS = 400;

  /** Small, so that dialogues come to them. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "commandLine", "200",
          "textLine", "100",
          "header", "150",
          "messageSize", "400",
          "recipients", "3",
          "errors", "6");

  private static final List<String[]> RULES =
      List.of(
          new String[] {"sender", "<no@b.example>", "550 5.7.1 Not you"},
          new String[] {"recipient", "no@d.example", "550 5.1.1 No such user"},
          new String[] {"recipient", "later@d.example", "450 4.2.1 Not now"},
          new String[] {"recipient", "broken@d.example", "fail"});

  /** A dialogue and how the server is set up for it. */
  record Case(String name, String sent, Map<String, String> options, List<String[]> rules) {
    byte[] octets() {
      return sent.getBytes(StandardCharsets.ISO_8859_1);
    }

    EmbeddedDoor door(EmbeddedDoor.Routes when) {
      return new EmbeddedDoor(when, options, rules).answerAll();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> scripts() throws Exception {
    return WireTest.scripts().stream()
        // What is sent before the greeting is another thing behind it, as it must be.
        .filter(s -> !s.name().startsWith("100-talks-before-the-greeting"))
        .map(SplitTest::ofScript);
  }

  private static Case ofScript(WireScript script) {
    StringBuilder sent = new StringBuilder();
    List<String[]> rules = new ArrayList<>();
    for (WireScript.Step step : script.steps()) {
      switch (step.kind()) {
        case 'C' -> sent.append(WireScript.unescape(step.text())).append("\r\n");
        case 'R' -> sent.append(WireScript.unescape(step.text()));
        case 'A' -> rules.add(WireScript.unescape(step.text()).split(" ", 3));
        default -> {}
      }
    }
    return new Case(script.name(), sent.toString(), script.options(), rules);
  }

  static Stream<Case> generated() {
    Long more = Long.getLong("caravan.test.seed");
    LongStream seeds = LongStream.rangeClosed(1, SEEDS);
    return LongStream.concat(seeds, more == null ? LongStream.empty() : LongStream.of(more))
        .mapToObj(s -> new Case("seed " + s, new RandomDialogue(s).next(), LIMITS, RULES));
  }

  /** Thousands of failing routes are no news. */
  @BeforeAll
  static void quiet() {
    Configurator.setLevel(SmtpServerHandler.class, Level.OFF);
  }

  @AfterAll
  static void loud() {
    Configurator.reconfigure();
  }

  @ParameterizedTest
  @MethodSource({"scripts", "generated"})
  void sameRepliesWhereverItIsCut(Case dialogue) {
    byte[] sent = dialogue.octets();
    List<String> expected = octetByOctet(dialogue, EmbeddedDoor.Routes.AT_ONCE);
    Random random = new Random(sent.length);
    for (int i = 0; i <= Math.min(sent.length, CUTS); i++) {
      int cut = sent.length <= CUTS ? i : random.nextInt(sent.length);
      try (EmbeddedDoor door =
          dialogue.door(i % 2 == 0 ? EmbeddedDoor.Routes.AT_ONCE : EmbeddedDoor.Routes.LATE)) {
        door.feed(sent, 0, cut).feed(sent, cut, sent.length).answerAll();
        assertThat(seen(door)).as("%s, cut at %s", dialogue, cut).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource({"scripts", "generated"})
  void sameRepliesHoweverItIsGrouped(Case dialogue) {
    byte[] sent = dialogue.octets();
    List<String> expected = octetByOctet(dialogue, EmbeddedDoor.Routes.AT_ONCE);
    assertThat(octetByOctet(dialogue, EmbeddedDoor.Routes.LATE)).isEqualTo(expected);
    for (int seed = 0; seed < GROUPINGS; seed++) {
      try (EmbeddedDoor door = dialogue.door(EmbeddedDoor.Routes.LATE)) {
        RandomDialogue.feedInPieces(door, sent, new Random(seed));
        assertThat(seen(door)).as("%s, grouping %s", dialogue, seed).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource({"scripts", "generated"})
  void oneReplyForEachCommand(Case dialogue) {
    try (EmbeddedDoor door = dialogue.door(EmbeddedDoor.Routes.AT_ONCE)) {
      door.feed(dialogue.sent());
      Dialogue.check(dialogue.sent(), door);
    }
  }

  private static List<String> octetByOctet(Case dialogue, EmbeddedDoor.Routes when) {
    byte[] sent = dialogue.octets();
    try (EmbeddedDoor door = dialogue.door(when)) {
      for (int i = 0; i < sent.length; i++) {
        door.feed(sent, i, i + 1);
      }
      return seen(door.answerAll());
    }
  }

  private static List<String> seen(EmbeddedDoor door) {
    List<String> seen = new ArrayList<>();
    seen.add(Dialogue.alike(door.replies()) + (door.isOpen() ? "(open)" : "(closed)"));
    door.mails().forEach(m -> seen.add(Dialogue.alike(m)));
    return seen;
  }
}
