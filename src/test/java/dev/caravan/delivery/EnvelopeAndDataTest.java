package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.ReversePath;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What leaves us, octet for octet, and what a server's extensions change about it. */
final class EnvelopeAndDataTest {
  private static final EmailAddress X = EmailAddress.parse("x@dest.example");
  private static final String END = "C RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 ok";

  private static String offering(String extensions) {
    return "S 220 hello\nC EHLO\nS 250-remote.example\n"
        + extensions
        + "\nC MAIL\nS 250 ok\n"
        + END;
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'',                      '.\\r\\n'",
        "'a\\r\\n',               'a\\r\\n.\\r\\n'",
        "'a',                     'a\\r\\n.\\r\\n'",
        "'.\\r\\n',               '..\\r\\n.\\r\\n'",
        "'.a\\r\\n..b\\r\\nc.\\r\\n', '..a\\r\\n...b\\r\\nc.\\r\\n.\\r\\n'",
        "'a\\n.\\nb\\r\\n',       'a\\r\\n..\\r\\nb\\r\\n.\\r\\n'",
        "'a\\r.\\rb\\r\\n',       'a\\r\\n..\\r\\nb\\r\\n.\\r\\n'",
        "'a\\r\\n.\\nb\\r\\n',    'a\\r\\n..\\r\\nb\\r\\n.\\r\\n'",
        "'a\\n.\\r\\nb\\r\\n',    'a\\r\\n..\\r\\nb\\r\\n.\\r\\n'",
        "'a\\r\\r\\n.\\r\\n',     'a\\r\\n\\r\\n..\\r\\n.\\r\\n'",
        "'caf\u00e9 \\t\\r\\n',   'caf\u00e9 \\t\\r\\n.\\r\\n'",
      })
  void dotsAndLineEnds(String message, String wire) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(offering("S 250 8BITMIME"))) {
      Deliveries.send(
          Deliveries.mailOf(text(message), "x@dest.example"), Deliveries.OPTIONS, hop(server));
      assertThat(server.messages()).containsExactly(text(wire));
    }
  }

  private static String text(String quoted) {
    return quoted.substring(1, quoted.length() - 1).translateEscapes();
  }

  @ParameterizedTest
  @CsvSource({
    "S 250 SIZE 1000,   MAIL FROM:<a@sender.example> SIZE=24",
    "S 250 SIZE,        MAIL FROM:<a@sender.example> SIZE=24",
    "S 250 SIZE 0,      MAIL FROM:<a@sender.example> SIZE=24",
    "S 250 SIZE huge,   MAIL FROM:<a@sender.example> SIZE=24",
    "S 250 8BITMIME,    MAIL FROM:<a@sender.example> BODY=8BITMIME",
    "S 250 8bitmime,    MAIL FROM:<a@sender.example> BODY=8BITMIME",
    "S 250 SMTPUTF8,    MAIL FROM:<a@sender.example>",
    "S 250 HELP,        MAIL FROM:<a@sender.example>",
  })
  void parametersOfMailAreThoseOffered(String extension, String mailFrom) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(offering(extension))) {
      Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(server));
      assertThat(server.heard()).contains(mailFrom);
      assertThat(server.messages()).hasSize(1);
    }
  }

  @Test
  void theNullSenderIsEmpty() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(offering("S 250 HELP"))) {
      Envelope envelope =
          new Envelope(
              ReversePath.NULL, List.of(X), MailOptions.of(MailOptions.Body.SEVEN_BIT, false));
      Deliveries.send(mail(envelope, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(server));
      assertThat(server.heard()).contains("MAIL FROM:<>");
    }
  }

  @Test
  void aMailTooBigForTheServerFailsBeforeMail() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start("S 220 hello\nC EHLO\nS 250-remote\nS 250 SIZE 23\nC QUIT")) {
      Attempt attempt = Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(server));
      assertThat(endings(attempt).getFirst()).startsWith("x failed 552 5.3.4 ");
      assertThat(server.heard()).noneMatch(line -> line.startsWith("MAIL"));
    }
  }

  @Test
  void internationalAddressesNeedAServerThatTakesThem() throws Exception {
    EmailAddress who = EmailAddress.parse("j\u00f6rg@dest.example");
    Envelope envelope =
        new Envelope(
            ReversePath.parse("a@sender.example"),
            List.of(who),
            MailOptions.of(MailOptions.Body.SEVEN_BIT, true));
    try (ScriptedServer without =
            ScriptedServer.start("S 220 hello\nC EHLO\nS 250 remote.example\nC QUIT");
        ScriptedServer with = ScriptedServer.start(offering("S 250 SMTPUTF8"))) {
      assertThat(
              endings(
                  Deliveries.send(
                      mail(envelope, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(without))))
          .first()
          .asString()
          .contains(" failed 553 5.6.7 ");
      Deliveries.send(mail(envelope, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(with));
      assertThat(with.heard()).contains("MAIL FROM:<a@sender.example> SMTPUTF8");
    }
  }

  /** Many clients declare SMTPUTF8 whatever they send. */
  @Test
  void declaredButNotNeededSmtputf8StopsNothing() throws Exception {
    Envelope envelope =
        new Envelope(
            ReversePath.parse("a@sender.example"),
            List.of(X),
            MailOptions.of(MailOptions.Body.SEVEN_BIT, true));
    try (ScriptedServer server = ScriptedServer.start(offering("S 250 HELP"))) {
      Attempt attempt =
          Deliveries.send(mail(envelope, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(server));
      assertThat(attempt.delivered()).hasSize(1);
    }
  }

  @Test
  void aHundredRecipientsToATransaction() throws Exception {
    String[] recipients =
        IntStream.range(0, 101).mapToObj(i -> "r" + i + "@dest.example").toArray(String[]::new);
    String first = "C MAIL\nS 250 ok\n" + "C RCPT\nS 250 ok\n".repeat(100);
    String data = "C DATA\nS 354 go on\nD\nS 250 ok\n";
    try (ScriptedServer server =
        ScriptedServer.start(
            "S 220 hello\nC EHLO\nS 250 remote\n" + first + data + "C MAIL\nS 250 ok\n" + END)) {
      Attempt attempt = Deliveries.send(mail(recipients), Deliveries.OPTIONS, hop(server));
      assertThat(attempt.delivered()).hasSize(101);
      assertThat(server.surprises()).isEmpty();
    }
  }
}
