package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

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
      assertThat(attempt.delivered()).allMatch(Outcome.Delivered::tellsSender);
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
      assertThat(attempt.delivered()).hasSize(2).noneMatch(Outcome.Delivered::tellsSender);
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
      assertThat(endings(attempt)).allMatch(e -> e.contains("does not offer STARTTLS"));
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

  @Test
  void binaryGoesAsItIsWhereTheServerCan() throws Exception {
    String script =
        "S 220 hello\nC EHLO\nS 250-remote\nS 250-CHUNKING\nS 250 BINARYMIME\n"
            + "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC RCPT\nS 250 ok\nC BDAT 5 LAST\n";
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Deliveries.send(
          mail(envelope(MailOptions.of(Body.BINARY_MIME, false), Map.of()), "\0\n.\n\r"),
          Deliveries.OPTIONS,
          hop(server));
      assertThat(server.heard())
          .contains("MAIL FROM:<a@sender.example> BODY=BINARYMIME", "BDAT 5 LAST");
    }
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
      assertThat(server.heard())
          .contains("MAIL FROM:<a@sender.example> SIZE=… BODY=8BITMIME".replace(" SIZE=…", ""));
      assertThat(server.messages().getFirst())
          .contains("Content-Transfer-Encoding: 8bit\r\n", "\r\nplain\r\n--b\r\n")
          .contains("Content-Transfer-Encoding: base64\r\n\r\nAAouCg3/\r\n--b--\r\n")
          .doesNotContain("\0", "BINARY");
    }
  }

  @Test
  void aPartThatIsAllThereIsBecomesBase64() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryDowngrade.write(
        Content.of(
            "Subject: x\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n"
                .getBytes(StandardCharsets.ISO_8859_1)),
        out);
    assertThat(out.toString(StandardCharsets.ISO_8859_1))
        .isEqualTo("Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nAAo=");
  }
}
