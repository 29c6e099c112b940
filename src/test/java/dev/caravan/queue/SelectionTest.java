package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.Header;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.core.filter.Filter;
import org.apache.activemq.artemis.core.filter.impl.FilterImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which mails an operator's conditions mean, here and as a broker's selector. */
final class SelectionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Header HEADER =
      Header.parse(
          "Subject: Invoice 7\r\n of May\r\nX-Campaign: spring\r\nSubject: other\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));

  /** Two hours old, for two recipients. */
  private static final Map<String, Object> MAIL = mail("b@dest.example,C.d@sub.dest.example");

  private static Map<String, Object> mail(String to) {
    Map<String, Object> p = new HashMap<>();
    p.put("mailId", "01M855SD4NQ0ZJT0");
    p.put("mailFrom", "Ann_x@sender.example");
    p.put("rcptTo", to);
    p.put("site", "via:relay.example:25");
    p.put("user", "o'neil%");
    p.put("queuedAt", NOW.minus(Duration.ofHours(2)).toEpochMilli());
    return p;
  }

  /** {@code wide}: the selector is true of more than is meant. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          id     | 01M855SD4NQ0ZJT0       | yes | exact
          id     | 01M855SD4NQ0ZJT1       | no  | exact
          site   | relay.example:25       | yes | exact
          site   | via:relay.example:25   | yes | exact
          site   | relay.example:2525     | no  | exact
          site   | *.example:25           | yes | exact
          site   | relay.example          | no  | exact
          from   | Ann_x@sender.example   | yes | exact
          from   | <Ann_x@sender.example> | yes | exact
          from   | Ann_x@SENDER.Example   | yes | exact
          from   | Annax@sender.example   | no  | exact
          from   | Ann_*                  | yes | exact
          from   | Anna*                  | no  | exact
          from   | A*@*.example           | yes | exact
          from   | @sender.example        | yes | exact
          from   | @der.example           | no  | exact
          from   | @*der.example          | yes | exact
          from   | <>                     | no  | exact
          from   | *                      | yes | exact
          to     | b@dest.example         | yes | exact
          to     | C.d@sub.dest.example   | yes | exact
          to     | d@sub.dest.example     | no  | exact
          to     | @dest.example          | yes | exact
          to     | @sub.dest.example      | yes | exact
          to     | @example               | no  | exact
          to     | b*@sub.dest.example    | no  | wide
          to     | C*@sub.dest.example    | yes | wide
          to     | postmaster             | no  | exact
          user   | o'neil%                | yes | exact
          user   | o'neil*                | yes | exact
          user   | o'neilx                | no  | exact
          older  | 2h                     | yes | exact
          older  | 119m                   | yes | exact
          older  | 121m                   | no  | exact
          header | subject: Invoice*May   | yes | wide
          header | Subject:other          | yes | wide
          header | Subject: invoice*      | no  | wide
          header | X-Other: *             | no  | wide
          header | X-Campaign: *          | yes | wide
          """)
  void conditions(String name, String value, String expected, String selects) throws Exception {
    Selection selection = Selection.of(Map.of(name, List.of(value)), false);
    boolean meant = matches(selection, MAIL);
    assertThat(meant).isEqualTo(expected.equals("yes"));

    Selector selector = selection.selector(NOW);
    assertThat(selector.exact()).isEqualTo(selects.equals("exact"));
    boolean selected = selected(selector, MAIL);
    if (selector.exact()) {
      assertThat(selected).as(selector.text()).isEqualTo(meant);
    } else {
      assertThat(selected || !meant).as(selector.text()).isTrue();
    }
  }

  private static boolean matches(Selection selection, Map<String, Object> mail) {
    return selection.matches(
        property -> String.valueOf(mail.getOrDefault(property, "")), () -> HEADER, NOW);
  }

  /** What Artemis makes of it. */
  private static boolean selected(Selector selector, Map<String, Object> mail) throws Exception {
    Filter filter = FilterImpl.createFilter(selector.text());
    org.apache.activemq.artemis.core.message.impl.CoreMessage message =
        new org.apache.activemq.artemis.core.message.impl.CoreMessage(1, 1000);
    mail.forEach(message::putObjectProperty);
    return filter == null || filter.match(message);
  }

  @Test
  void ofOneConditionAnyValueOfSeveralConditionsAll() throws Exception {
    Map<String, List<String>> values = new HashMap<>();
    values.put("to", List.of("x@y.example", "@dest.example"));
    values.put("from", List.of("@sender.example"));
    for (String user : List.of("o'neil%", "else")) {
      values.put("user", List.of(user));
      Selection selection = Selection.of(values, false);
      assertThat(matches(selection, MAIL)).isEqualTo(!user.equals("else"));
      assertThat(selected(selection.selector(NOW), MAIL)).isEqualTo(!user.equals("else"));
    }
  }

  @Test
  void whatIsNoMailIsNotMeantByItsSender() {
    assertThat(matches(Selection.of(Map.of("from", List.of("<>")), false), Map.of())).isFalse();
    assertThat(matches(Selection.of(Map.of(), true), Map.of())).isTrue();
    Map<String, Object> report = mail("b@dest.example");
    report.put("mailFrom", "");
    assertThat(matches(Selection.of(Map.of("from", List.of("<>")), false), report)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "queue, mail.retry.1h, mail.retry.1h, true",
    "queue, mail.retry.*, mail.retry.1h, true",
    "queue, mail.retry.*, mail.out, false",
    "state, waiting, mail.retry.1h, true",
    "state, QUEUED, mail.out.example.com, true",
    "state, held, mail.quarantine, false",
    "state, dead, mail.submit, false",
  })
  void queues(String name, String value, String queue, boolean covered) {
    assertThat(Selection.of(Map.of(name, List.of(value)), false).covers(queue)).isEqualTo(covered);
  }

  @Test
  void nothingMeansNothingUnlessAllIsSaid() {
    assertThat(Selection.of(Map.of(), false).isNothing()).isTrue();
    assertThat(Selection.of(Map.of(), true).isNothing()).isFalse();
    assertThat(Selection.of(Map.of("user", List.of("x")), false).isNothing()).isFalse();
  }

  @Test
  void aPatternTakesBoundedTime() {
    Wildcard evil = new Wildcard("*a".repeat(200));
    assertThat(evil.matches("a".repeat(100_000) + "b")).isFalse();
    assertThatThrownBy(() -> new Wildcard("x".repeat(501)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Wildcard("a\nb")).isInstanceOf(IllegalArgumentException.class);
  }
}
