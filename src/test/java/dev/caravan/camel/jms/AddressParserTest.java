package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressParserTest {
  static Stream<Arguments> good() {
    return Stream.of(
        Arguments.of("a@b.example", "|a@b.example"),
        Arguments.of(" a@b.example , c@d.example", "|a@b.example |c@d.example"),
        Arguments.of("<a@b.example>", "|a@b.example"),
        Arguments.of("Ann <a@b.example>", "Ann|a@b.example"),
        Arguments.of("Ann  B. C\t<a@b.example>", "Ann B. C|a@b.example"),
        Arguments.of("\"Bée, Ann\" <a@b.example>", "Bée, Ann|a@b.example"),
        Arguments.of("\"a \\\"b\\\" c\" <a@b.example>", "a \"b\" c|a@b.example"),
        Arguments.of("Jörg Müller <a@b.example>", "Jörg Müller|a@b.example"),
        Arguments.of("山田 😀 <a@b.example>", "山田 😀|a@b.example"),
        Arguments.of("=?utf-8?Q?J=C3=B6rg?= <a@b.example>", "Jörg|a@b.example"),
        Arguments.of("\"=?x?=\" <a@b.example>", "=?x?=|a@b.example"),
        Arguments.of("\"a b\"@c.example", "|\"a b\"@c.example"),
        Arguments.of("\"a,b\"@c.example,d@e.example", "|\"a,b\"@c.example |d@e.example"),
        Arguments.of("\"a@b\"@c.example", "|\"a@b\"@c.example"),
        Arguments.of("Ann <\"a b\"@c.example>", "Ann|\"a b\"@c.example"),
        Arguments.of("jörg@dest.example", "|jörg@dest.example"),
        Arguments.of("a@BÜCHER.example", "|a@xn--bcher-kva.example"),
        Arguments.of("a@[192.0.2.1]", "|a@[192.0.2.1]"),
        Arguments.of("a@b.example (Ann (\\) B))", "|a@b.example"),
        Arguments.of("(x) Ann (y) <a@b.example> (z)", "Ann|a@b.example"),
        Arguments.of("team: a@b.example, C <c@d.example>;", "|a@b.example C|c@d.example"),
        Arguments.of("team: ; , e@f.example", "|e@f.example"),
        Arguments.of("undisclosed-recipients:;", ""),
        Arguments.of("a@b.example,,c@d.example,", "|a@b.example |c@d.example"),
        Arguments.of(" , ", ""),
        Arguments.of("", ""),
        Arguments.of("!#$%&'*+-/=?^_`{|}~@b.example", "|!#$%&'*+-/=?^_`{|}~@b.example"));
  }

  @ParameterizedTest
  @MethodSource("good")
  void isRead(String list, String expected) throws Exception {
    String read =
        AddressParser.parse("to", list).stream()
            .map(mailbox -> mailbox.name() + "|" + mailbox.address())
            .collect(Collectors.joining(" "));
    assertThat(read).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "foo",
        "foo bar@x.example",
        "foo@x.example bar",
        "a@b@c.example",
        "a @b.example",
        "@b.example",
        "a@",
        "a@.,",
        "a@b..example",
        ".a@b.example",
        "a..b@c.example",
        "a.@b.example",
        "<a@b.example",
        "a@b.example>",
        "<>",
        "Ann <>",
        "Ann <a>",
        "<@relay.example:a@b.example>",
        "<a@b.example> <c@d.example>",
        "Doe, John <a@b.example>",
        "a@b.example; c@d.example",
        "a@b.example c@d.example",
        "\"a@b.example",
        "\"a\"b@c.example",
        "Ann (x <a@b.example>",
        "a@[192.0.2.1",
        "a@[not an address]",
        "team: a@b.example",
        "team: inner: a@b.example;;",
        ": a@b.example;",
        "[a]@b.example",
        "a\\b@c.example",
        "mailto:a@b.example",
        "http://b.example/",
      })
  void isRefusedByName(String list) {
    assertThatThrownBy(() -> AddressParser.parse("to", list))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("to has no proper address: ");
  }

  @Test
  void theWrongOneIsShown() {
    assertThatThrownBy(
            () -> AddressParser.parse("cc", "a@b.example, foo bar@x.example, c@d.example"))
        .hasMessage("cc has no proper address: foo bar@x.example");
    assertThatThrownBy(() -> AddressParser.parse("cc", "x@y.example, team: a@b.example"))
        .hasMessage("cc has no proper address: team: a@b.example");
    assertThatThrownBy(() -> AddressParser.parse("cc", "x".repeat(5000)))
        .hasMessage("cc has no proper address: " + "x".repeat(100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a@b.example\r\nBcc: x@y.example",
        "A\nB <a@b.example>",
        "A\rB <a@b.example>",
        "A\0B <a@b.example>",
        "A\u001bB <a@b.example>",
        "A\u0085B <a@b.example>",
        "=?utf-8?Q?x=0D=0ABcc=3A_y?= <a@b.example>",
      })
  void controlsAreRefused(String list) {
    assertThatThrownBy(() -> AddressParser.parse("from", list))
        .isInstanceOf(RefusedException.class)
        .hasMessageMatching("from has a (line break|control character) in it");
  }

  @Test
  void aListHasALimit() throws Exception {
    assertThat(AddressParser.parse("to", "a@b.example,".repeat(10_000))).hasSize(10_000);
    assertThatThrownBy(() -> AddressParser.parse("to", "a@b.example,".repeat(10_001)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("more than 10000");
  }

  @Test
  void depthIsNoRecursion() {
    for (String deep : List.of("(", "a:", "<", "\"\\")) {
      assertThatThrownBy(() -> AddressParser.parse("to", deep.repeat(100_000)))
          .isInstanceOf(RefusedException.class);
    }
  }
}
