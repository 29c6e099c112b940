package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MailParametersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          TO:<a@b.example>                     | a@b.example        | {}
          to:<a@b.example>                     | a@b.example        | {}
          TO: <a@b.example>                    | a@b.example        | {}
          TO : <a@b.example>                   | a@b.example        | {}
          TO:< a@b.example >                   | a@b.example        | {}
          TO:a@b.example                       | a@b.example        | {}
          TO:<>                                | ``                 | {}
          TO:<@x.example:a@b.example>          | a@b.example        | {}
          TO:<@x.example,@y.example:a@b.example> | a@b.example      | {}
          TO:<@[IPv6:::1]:a@b.example>         | a@b.example        | {}
          TO:<"a>b"@b.example>                 | "a>b"@b.example    | {}
          TO:<"a\\"> b"@b.example> SIZE=1      | "a\\"> b"@b.example | {SIZE=1}
          TO:<"@x:y"@b.example>                | "@x:y"@b.example   | {}
          TO:<a@b.example> size=1 Body=8BITMIME | a@b.example       | {SIZE=1, BODY=8BITMIME}
          TO:<a@b.example> SMTPUTF8            | a@b.example        | {SMTPUTF8=}
          """)
  void isRead(String argument, String address, String parameters) {
    assertThat(MailParameters.parse(argument, "TO"))
        .hasValueSatisfying(
            p -> {
              assertThat(p.address()).isEqualTo(Optional.ofNullable(address).orElse(""));
              assertThat(p.parameters()).hasToString(parameters);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "TO",
        "TO:",
        "TO: ",
        "FROM:<a@b.example>",
        "TO<a@b.example>",
        "<a@b.example>",
        "TO:<a@b.example",
        "TO:<\"a@b.example>",
        "TO:<a@b.example>x",
        "TO:<a@b.example>SIZE=1",
        "TO:<a@b.example> =1",
        "TO:<a@b.example> SIZE=",
        "TO:<a@b.example> A=1 a=2",
        "TO:<a@b.example> A=b=c",
        "TO:<a@b.example> -A",
        "TO:<a@b.example> A_B=1",
        "TO:<@x.example>",
        "TO:<@x.example,y.example:a@b.example>",
        "TO:<@:a@b.example>"
      })
  void isRefused(String argument) {
    assertThat(MailParameters.parse(argument, "TO")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'MAIL FROM:<a@b>', MAIL, FROM:<a@b>",
    "'mail  FROM:<a@b>  ', MAIL, FROM:<a@b>",
    "'NOOP ', NOOP, ''",
    "'', '', ''",
    "' quit', QUIT, ''",
    "'vrfy a b', VRFY, a b"
  })
  void aCommandIsAVerbAndTheRest(String line, String verb, String argument) {
    assertThat(SmtpCommand.parse(line)).isEqualTo(new SmtpCommand(verb, argument));
  }
}
