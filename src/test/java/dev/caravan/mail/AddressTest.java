package dev.caravan.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mailboxes by the grammar of RFC 5321, 4.1.2 and 4.1.3. */
final class AddressTest {
  private static final String LABEL = "x".repeat(63);

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a@b, a@b",
        "a.b+c@d.example, a.b+c@d.example",
        "!#$%&'*+-/=?^_`{|}~@d.example, !#$%&'*+-/=?^_`{|}~@d.example",
        "Mixed.Case@D.Example, Mixed.Case@d.example",
        "a@d.example., a@d.example",
        "\"\"@d.example, \"\"@d.example",
        "\"a b\"@d.example, \"a b\"@d.example",
        "\"a@b\"@d.example, \"a@b\"@d.example",
        "\"a\\\"b\\\\\"@d.example, \"a\\\"b\\\\\"@d.example",
        "a@[192.0.2.1], a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1], a@[IPv6:2001:db8::1]",
        "a@[ipv6:::ffff:192.0.2.1], a@[ipv6:::ffff:192.0.2.1]",
        "a@_x.d-e.example, a@_x.d-e.example",
        "a@_.d--e.example, a@_.d--e.example",
        "a@m\u00fcller.example, a@xn--mller-kva.example"
      })
  void isAnAddress(String text, String expected) {
    assertThat(EmailAddress.parse(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "@",
        "@d.example",
        "a@",
        "a@@d.example",
        "a@b@d.example",
        ".a@d.example",
        "a.@d.example",
        "a..b@d.example",
        "a b@d.example",
        "a,b@d.example",
        "a(b)@d.example",
        "a<b@d.example",
        "a\\b@d.example",
        "a\"b\"@d.example",
        "\"a@d.example",
        "\"a\"b@d.example",
        "\"a\\\"@d.example",
        "\"a\"b\"@d.example",
        "\"a\rb\"@d.example",
        "\"a\nb\"@d.example",
        "\"a\0b\"@d.example",
        "a\r@d.example",
        "a\0@d.example",
        "a@d..example",
        "a@.d.example",
        "a@-d.example",
        "a@d-.example",
        "a@d.-",
        "a@-",
        "a@d example",
        "a@d_\r\n.example",
        "a@d.example>",
        "a@[192.0.2.1",
        "a@192.0.2.1]",
        "a@[]",
        "a@[192.0.2]",
        "a@[192.0.2.256]",
        "a@[192.0.2.1.1]",
        "a@[2001:db8::1]",
        "a@[IPv6:2001:db8::1::2]",
        "a@[IPv6:x]",
        "a@[IPv6:fe80::1%1]",
        "a@[foo:bar]",
        "a@[foo]"
      })
  void isNone(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> EmailAddress.parse(text));
  }

  @Test
  void lengthsAreExact() {
    assertThat(EmailAddress.parse("x".repeat(64) + "@d.example").localPart()).hasSize(64);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmailAddress.parse("x".repeat(65) + "@d.example"));
    assertThat(new Domain(LABEL + "." + LABEL + "." + LABEL + "." + "x".repeat(61)).name())
        .hasSize(253);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Domain(LABEL + "." + LABEL + "." + LABEL + "." + "x".repeat(62)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Domain("x".repeat(64) + ".example"));
    String domain = LABEL + "." + LABEL + "." + LABEL + "." + "x".repeat(58);
    assertThat(EmailAddress.parse("abc@" + domain).toString()).hasSize(254);
    assertThatIllegalArgumentException().isThrownBy(() -> EmailAddress.parse("abcd@" + domain));
  }

  @ParameterizedTest
  @CsvSource({
    "Bücher.example, xn--bcher-kva.example",
    "faß.example, xn--fa-hia.example",
    "βόλος.example, xn--nxasmm1c.example",
    "例え。テスト, xn--r8jz45g.xn--zckzah",
    "ＡＢＣ.example, abc.example",
    "😀.example, xn--e28h.example",
    "bücher_x.example., xn--bcher_x-n2a.example",
  })
  void anInternationalDomainIsTheOneThatIsRegistered(String text, String ascii) {
    assertThat(new Domain(text).name()).isEqualTo(ascii);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u200D.example",
        "é..example",
        "-é.example",
        "é b.example",
        "é@example",
        "xn--\uFFFD.example"
      })
  void isNoInternationalDomain(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Domain(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"é", "例", "㌀", "😀"})
  void anInternationalDomainOfAnyLengthIsOneOrNone(String letter) {
    assertThat(new Domain(letter + ".example").name()).startsWith("xn--").endsWith(".example");
    for (int length : new int[] {70, 300, 2_000, 20_000}) {
      String label = letter.repeat(length);
      assertThatIllegalArgumentException().isThrownBy(() -> new Domain(label + ".example"));
      assertThatIllegalArgumentException().isThrownBy(() -> EmailAddress.parse("a@" + label));
    }
  }

  @Test
  void theNullPathIsAReversePathButNoAddress() {
    assertThat(ReversePath.parse("")).isEqualTo(ReversePath.NULL);
    assertThat(ReversePath.parse("a@d.example").domain()).isEqualTo("d.example");
    assertThatIllegalArgumentException().isThrownBy(() -> ReversePath.parse(" "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"550 5.7.1 a\r\nb", "550 a\nb", "550 a\0b", "55", "abc", "600 x", "199 x"})
  void isNoReply(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> SmtpReply.parse(text));
  }

  @Test
  void aHeaderIsReadTheSameWayWithFieldsBeforeIt() {
    String message = "A: 1\r\n folded\r\nB : 2\r\n\r\nC: body\r\n";
    for (String text : new String[] {message, "\tcontinued\r\n" + message, "no field", ""}) {
      Content content = Content.of(text).prepend("Y: y\r\n").prepend("X: x\r\n");
      assertThat(content.header()).isEqualTo(Header.parse(content.toBytes()));
    }
    Header header = Content.of(message).prepend("X: x\r\n").header();
    assertThat(header.fields()).extracting(Header.Field::name).containsExactly("X", "A", "B");
    assertThat(header.value("a")).isEqualTo("1 folded");
  }
}
