package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.Content;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.DsnRequest.Notify;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.MailOptions.Body;
import dev.caravan.mail.MailOptions.Returned;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sender asked for goes on to a server that can do it, and only there. */
final class AskedForTest {
  private static final EmailAddress X = EmailAddress.parse("x@dest.example");
  private static final EmailAddress Y = EmailAddress.parse("y@dest.example");
  private static final String DATA = "C DATA\nS 354 go on\nD\nS 250 ok";

  private static Envelope envelope(MailOptions options, Map<EmailAddress, DsnRequest> dsn) {
    return new Envelope(ReversePath.parse("a@sender.example"), List.of(X, Y), options, dsn);
  }

  private static String script(String extensions) {
    return "S 220 hello\nC EHLO\nS 250-remote.example\n"
        + extensions
        + "\nC MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC RCPT\nS 250 ok\n"
        + DATA;
  }

  private static final Envelope DSN =
      envelope(
          MailOptions.NONE.withReturned(Returned.HEADERS).withEnvelopeId("QQ+2B1"),
          Map.of(
              X, new DsnRequest(Set.of(Notify.SUCCESS, Notify.DELAY), "rfc822;Bob+40x"),
              Y, new DsnRequest(Set.of(Notify.NEVER), "")));

  @Test
  void notificationsAreAskedForWhereTheServerCan() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(script("S 250 DSN"))) {
      Attempt attempt =
          Deliveries.send(mail(DSN, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(server));
      assertThat(server.heard())
          .contains(
              "MAIL FROM:<a@sender.example> RET=HDRS ENVID=QQ+2B1",
              "RCPT TO:<x@dest.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+40x",
              "RCPT TO:<y@dest.example> NOTIFY=NEVER ORCPT=rfc822;y@dest.example");
      assertThat(attempt.delivered()).allMatch(d -> d.reach() == Outcome.Reach.PASSED_ON);
    }
  }

  @Test
  void andNowhereElse() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(script("S 250 HELP"))) {
      Attempt attempt =
          Deliveries.send(mail(DSN, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(server));
      assertThat(server.heard())
          .contains(
              "MAIL FROM:<a@sender.example>",
              "RCPT TO:<x@dest.example>",
              "RCPT TO:<y@dest.example>");
      assertThat(attempt.delivered()).hasSize(2).allMatch(d -> d.reach() == Outcome.Reach.RELAYED);
    }
  }

  @Test
  void priorityGoesOn() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(script("S 250 MT-PRIORITY"))) {
      Deliveries.send(
          mail(envelope(MailOptions.NONE.withPriority(-3), Map.of()), Deliveries.MESSAGE),
          Deliveries.OPTIONS,
          hop(server));
      assertThat(server.heard()).contains("MAIL FROM:<a@sender.example> MT-PRIORITY=-3");
    }
  }

  /** Without TLS, or without the promise to go on with it, it is not sent (RFC 8689, 4.2.1). */
  @Test
  void requiredTlsIsRequired() throws Exception {
    Envelope envelope = envelope(MailOptions.NONE.withRequireTls(), Map.of());
    try (ScriptedServer clear =
        ScriptedServer.start("S 220 hello\nC EHLO\nS 250-remote\nS 250 REQUIRETLS\nC QUIT")) {
      Attempt attempt =
          Deliveries.send(mail(envelope, Deliveries.MESSAGE), Deliveries.OPTIONS, hop(clear));
      assertThat(endings(attempt)).allMatch(e -> e.contains(" failed 550 5.7.30 "));
      assertThat(clear.heard()).noneMatch(line -> line.startsWith("MAIL"));
    }
  }

  private static final String BINARY =
      "MIME-Version: 1.0\r\n"
          + "Content-Type: multipart/mixed; boundary=b\r\n"
          + "Content-Transfer-Encoding: binary\r\n"
          + "\r\n"
          + "--b\r\n"
          + "Content-Type: text/plain\r\n"
          + "\r\n"
          + "plain\r\n"
          + "--b\r\n"
          + "Content-Type: application/octet-stream\r\n"
          + "Content-Transfer-Encoding: BINARY\r\n"
          + "\r\n"
          + "\0\n.\n\r\u00ff\r\n"
          + "--b--\r\n";

  /** Columns: pipelining; the replies to RCPT and to the chunk; what becomes of it; afterwards. */
  @ParameterizedTest
  @CsvSource({
    "false, 250 ok, 250 2.0.0 ok,    delivered 250 2.0.0 ok, QUIT",
    "true,  250 ok, 250 2.0.0 ok,    delivered 250 2.0.0 ok, QUIT",
    "true,  250 ok, 554 5.6.0 no,    failed 554 5.6.0 no,    RSET",
    "false, 250 ok, 452 4.3.1 later, deferred 452 4.3.1 later, RSET",
    "true,  550 5.1.1 who, '',       failed 550 5.1.1 who,   RSET",
  })
  void binaryGoesAsItIsWhereTheServerCan(
      boolean pipelining, String toRcpt, String toChunk, String ending, String after)
      throws Exception {
    String commands =
        pipelining
            ? "C MAIL\nC RCPT\nS 250 ok\nS " + toRcpt + "\n"
            : "C MAIL\nS 250 ok\nC RCPT\nS " + toRcpt + "\n";
    String script =
        "S 220 hello\nC EHLO\nS 250-remote\nS 250-CHUNKING\n"
            + (pipelining ? "S 250-PIPELINING\n" : "")
            + "S 250 BINARYMIME\n"
            + commands
            + (toChunk.isEmpty() ? "" : "C BDAT 5 LAST\nB 5\nS " + toChunk + "\n")
            + "C "
            + after
            + "\nS 250 ok";
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Envelope envelope =
          envelope(MailOptions.of(Body.BINARY_MIME, false), Map.of()).withRecipients(List.of(X));
      Attempt attempt =
          Deliveries.send(mail(envelope, "\0\n.\n\r"), Deliveries.OPTIONS, hop(server));
      assertThat(endings(attempt)).containsExactly("x " + ending);
      assertThat(server.heard()).contains("MAIL FROM:<a@sender.example> BODY=BINARYMIME");
      if (!toChunk.isEmpty()) {
        assertThat(server.messages()).containsExactly("\0\n.\n\r");
      }
      assertThat(server.surprises()).isEmpty();
    }
  }

  /** Columns: what the server offers, whether the sender is empty; what MAIL says. */
  @ParameterizedTest
  @CsvSource({
    "REQUIRETLS, a@sender.example, MAIL FROM:<a@sender.example> REQUIRETLS",
    "REQUIRETLS, '',               MAIL FROM:<> REQUIRETLS",
    "HELP,       '',               MAIL FROM:<>",
  })
  void requiredTlsGoesOn(String offered, String sender, String line) throws Exception {
    Envelope envelope =
        new Envelope(
            ReversePath.parse(sender), List.of(X), MailOptions.NONE.withRequireTls(), Map.of());
    Map<String, String> extensions = Map.of(offered, "");
    assertThat(new EnvelopeCommands(envelope, extensions, false).mailFrom(1, Body.SEVEN_BIT))
        .isEqualTo(line);
  }

  @Test
  void binaryIsConvertedWhereItCant() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(script("S 250 8BITMIME"))) {
      Attempt attempt =
          Deliveries.send(
              mail(envelope(MailOptions.of(Body.BINARY_MIME, false), Map.of()), BINARY),
              Deliveries.OPTIONS,
              hop(server));
      assertThat(attempt.delivered()).hasSize(2);
      assertThat(server.heard()).contains("MAIL FROM:<a@sender.example> BODY=8BITMIME");
      assertThat(server.messages().getFirst())
          .contains("Content-Transfer-Encoding: 8bit\r\n", "\r\nplain\r\n--b\r\n")
          .contains("Content-Transfer-Encoding: base64\r\n\r\nAAouCg3/\r\n--b--\r\n")
          .doesNotContain("\0", "BINARY");
    }
  }

  /** What goes in, and what comes out; "-" where nothing can. */
  @ParameterizedTest
  @CsvSource({
    "Content-Transfer-Encoding: binary|\\0\\n, Content-Transfer-Encoding: base64|AAo=",
    "Content-Transfer-Encoding: binary|plain\\r\\n, Content-Transfer-Encoding: binary|plain\\r\\n",
    "Subject: y|\\0, -",
    "Subject: y|a\\rb, -",
    "DKIM-Signature: v=1\\r\\nContent-Transfer-Encoding: binary|\\0, -",
    "'Content-Type: multipart/signed; boundary=b\\r"
        + "\\n"
        + "Content-Transfer-Encoding: binary|--b\\r"
        + "\\n"
        + "\\r"
        + "\\n"
        + "\\0\\r"
        + "\\n"
        + "--b--\\r"
        + "\\n"
        + "', -",
    "Content-Type: message/rfc822\\r"
        + "\\n"
        + "Content-Transfer-Encoding: binary|Content-Transfer-Encoding: binary\\r"
        + "\\n"
        + "\\r"
        + "\\n"
        + "\\0, Content-Type: message/rfc822\\r"
        + "\\n"
        + "Content-Transfer-Encoding: 8bit|Content-Transfer-Encoding: base64\\r"
        + "\\n"
        + "\\r"
        + "\\n"
        + "AA==",
  })
  void conversion(String in, String out) throws Exception {
    Content message = Content.of(octets(in));
    if (out.equals("-")) {
      assertThatThrownBy(() -> BinaryDowngrade.convert(message))
          .isInstanceOf(BinaryDowngrade.ImpossibleException.class);
    } else {
      try (Message converted = BinaryDowngrade.convert(message)) {
        assertThat(new String(converted.content().toBytes(), StandardCharsets.ISO_8859_1))
            .isEqualTo(new String(octets(out), StandardCharsets.ISO_8859_1));
      }
    }
  }

  /** A bar stands for the end of the header. */
  private static byte[] octets(String text) {
    return ("Subject: x\r\n" + text.translateEscapes().replace("|", "\r\n\r\n"))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void aLargeMessageIsConvertedInAFileThatGoesAway(@TempDir Path dir) throws Exception {
    Path file = Files.write(dir.resolve("in"), octets("Content-Transfer-Encoding: binary|\\0"));
    try (Message converted = BinaryDowngrade.convert(Content.of(file, Files.size(file)))) {
      assertThat(converted.file()).isPresent();
      assertThat(converted.content().size()).isEqualTo(converted.content().toBytes().length);
    }
    assertThat(dir)
        .isDirectoryContaining(f -> f.equals(file))
        .isDirectoryNotContaining("glob:**.eml");
  }

  /** Signed by somebody else: told at once, not after days. */
  @Test
  void whatCantBeConvertedFails() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start("S 220 hello\nC EHLO\nS 250 remote\nC QUIT")) {
      Attempt attempt =
          Deliveries.send(
              mail(
                  envelope(MailOptions.of(Body.BINARY_MIME, false), Map.of()),
                  "DKIM-Signature: v=1\r\n" + BINARY),
              Deliveries.OPTIONS,
              hop(server));
      assertThat(endings(attempt)).hasSize(2).allMatch(e -> e.contains(" failed 554 5.6.3 "));
    }
  }

  @Test
  void aServerThatCantTakeItIsPassedOverForOneThatCan() throws Exception {
    try (ScriptedServer small =
            ScriptedServer.start("S 220 hello\nC EHLO\nS 250-remote\nS 250 SIZE 5\nC QUIT");
        ScriptedServer closed = ScriptedServer.start("S 521 no mail here");
        ScriptedServer good = ScriptedServer.start(script("S 250 HELP"))) {
      Attempt attempt =
          Deliveries.send(
              mail(envelope(MailOptions.NONE, Map.of()), Deliveries.MESSAGE),
              Deliveries.OPTIONS,
              hop(small),
              hop(closed),
              hop(good));
      assertThat(attempt.delivered()).hasSize(2);
    }
  }

  @Test
  void serversThatTakeNoMailAtAllFailIt() throws Exception {
    try (ScriptedServer one = ScriptedServer.start("S 521 no mail here");
        ScriptedServer two = ScriptedServer.start("S 521 no mail here");
        ScriptedServer busy = ScriptedServer.start("S 521 no", "S 421 busy")) {
      assertThat(
              endings(
                  Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(one), hop(two))))
          .allMatch(e -> e.startsWith("x failed 521 5.3.2 "));
      assertThat(
              endings(
                  Deliveries.send(
                      mail("x@dest.example"), Deliveries.OPTIONS, hop(busy), hop(busy))))
          .allMatch(e -> e.startsWith("x deferred 451 "));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RCPTMAX=2, 'a@d.example,b@d.example'",
    "RCPTMAX=1 RCPTDOMAINMAX=9, a@d.example",
    "RCPTDOMAINMAX=1, 'a@d.example,b@d.example,c@d.example'",
    "rcptdomainmax=1 rcptmax=2, 'a@d.example,b@d.example'",
    "RCPTMAX=0 RCPTMAX=x RCPTMAX UNKNOWN=1, 'a@d.example,b@d.example,x@e.example,c@d.example'",
  })
  void limitsOfAServer(String limits, String together) {
    List<EmailAddress> all =
        Stream.of("a@d.example", "b@d.example", "x@e.example", "c@d.example")
            .map(EmailAddress::parse)
            .toList();
    assertThat(HopLimits.parse(limits).first(all))
        .isEqualTo(Stream.of(together.split(",")).map(EmailAddress::parse).toList());
  }

  @Test
  void limitsAreObeyed() throws Exception {
    String one = "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\n" + DATA + "\n";
    String greeting = "S 220 hello\nC EHLO\nS 250-remote\nS 250 LIMITS RCPTMAX=1 MAILMAX=2\n";
    try (ScriptedServer server =
        ScriptedServer.start(greeting + one + one + "C QUIT", greeting + one)) {
      Attempt attempt =
          Deliveries.send(
              mail("x@dest.example", "y@dest.example", "z@dest.example"),
              Deliveries.OPTIONS,
              hop(server));
      assertThat(attempt.delivered()).hasSize(3);
      assertThat(server.surprises()).isEmpty();
    }
  }

  /** RFC 6533, 3: where the server takes no UTF-8, the original recipient is in ASCII. */
  @ParameterizedTest
  @CsvSource({
    "true,  j\u00f6rg@dest.example, '',                       utf-8;j\u00f6rg@dest.example",
    "false, x@dest.example,     utf-8;j\u00f6rg@o.example,    utf-8;j\\x{F6}rg@o.example",
    "false, x+y@dest.example,   '',                       rfc822;x+2By@dest.example",
  })
  void originalRecipients(boolean utf8, String recipient, String original, String sent) {
    EmailAddress to = EmailAddress.parse(recipient);
    Envelope envelope =
        new Envelope(
            ReversePath.NULL,
            List.of(to),
            MailOptions.NONE,
            Map.of(to, new DsnRequest(Set.of(Notify.SUCCESS), original)));
    assertThat(new EnvelopeCommands(envelope, Map.of("DSN", ""), utf8).rcptTo(to))
        .isEqualTo("RCPT TO:<" + recipient + "> NOTIFY=SUCCESS ORCPT=" + sent);
  }
}
