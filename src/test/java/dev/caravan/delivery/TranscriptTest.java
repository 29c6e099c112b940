package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.SmtpReply;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an operator reads of an attempt, and where it came from. */
final class TranscriptTest {
  private static final String HELLO =
      "S 220 hello\nC EHLO\nS 250-remote.example\nS 250 PIPELINING\n";
  private static final String TAKEN =
      "C MAIL\nC RCPT\nC DATA\nS 250 2.1.0 ok\nS 250 2.1.5 ok\nS 354 go on\nD\nS 250 taken\n";

  @Test
  void theWholeDialogueWithoutTheMessage() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(HELLO + TAKEN)) {
      Attempt attempt = Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(server));
      assertThat(attempt.transcript().lines())
          .containsExactly(
              "* connecting to 127.0.0.1[127.0.0.1]:" + server.port(),
              "S: 220 hello",
              "C: EHLO relay.example",
              "S: 250-remote.example",
              "S: 250 PIPELINING",
              "C: MAIL FROM:<a@sender.example>",
              "C: RCPT TO:<x@dest.example>",
              "C: DATA",
              "S: 250 2.1.0 ok",
              "S: 250 2.1.5 ok",
              "S: 354 go on",
              "C: [" + Deliveries.MESSAGE.length() + " octets]",
              "S: 250 taken");
      assertThat(attempt.source()).isEqualTo(Source.ANY);
    }
  }

  @Test
  void eachAttemptHasItsOwnOnAConnectionThatIsKept() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(HELLO + TAKEN + "C MAIL\nCLOSE", "CLOSE");
        HopSender sender = new HopSender(Deliveries.OPTIONS, 5)) {
      Attempt first = sender.send(mail("x@dest.example"), List.of(hop(server)));
      Attempt second = sender.send(mail("x@dest.example"), List.of(hop(server)));
      assertThat(first.transcript().lines()).hasSize(13).last().isEqualTo("S: 250 taken");
      assertThat(second.transcript().lines())
          .hasSize(7)
          .startsWith("* a connection that was kept, to 127.0.0.1[127.0.0.1]:" + server.port())
          .satisfies(l -> assertThat(l.get(4)).matches("\\* 451 4.4.2 .*connection closed.*"))
          .satisfies(l -> assertThat(l.get(6)).matches("\\* 451 4.4.2 .*connection closed.*"));
    }
  }

  @Test
  void noPasswordIsInIt() throws Exception {
    for (String mechanism : List.of("PLAIN", "LOGIN")) {
      String auth =
          mechanism.equals("PLAIN")
              ? "C AUTH PLAIN\nS 535 5.7.8 no\n"
              : "C AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC dXNlcg==\nS 334 UGFzc3dvcmQ6\nC cGFzc3dvcmQ=\n"
                  + "S 535 5.7.8 no\n";
      try (ScriptedServer server =
          ScriptedServer.start("S 220 x\nC EHLO\nS 250-x\nS 250 AUTH " + mechanism + "\n" + auth)) {
        Hop hop =
            new Hop(
                "127.0.0.1",
                InetAddress.getLoopbackAddress(),
                server.port(),
                TlsMode.NONE,
                Optional.of(Deliveries.login("user", "password")));
        Attempt attempt = Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop);
        assertThat(attempt.transcript().toString())
            .contains("C: AUTH " + mechanism, "C: ", "****", "S: 535 5.7.8 no")
            .doesNotContain("dXNlcg==", "cGFzc3dvcmQ", "AHVzZXIAcGFzc3dvcmQ=", "password");
      }
    }
  }

  @Test
  void aLongOneKeepsItsEnds() {
    for (int entries : List.of(59, 60, 61, 1000)) {
      Transcript transcript = new Transcript();
      IntStream.range(0, entries).forEach(i -> transcript.command("" + i));
      List<String> lines = transcript.lines();
      assertThat(lines).startsWith("C: 0", "C: 1").endsWith("C: " + (entries - 1));
      assertThat(lines).hasSize(Math.min(entries, 61));
      assertThat(lines.contains("* …")).isEqualTo(entries > 60);
    }
  }

  @Test
  void aReplyOfManyLinesIsCutAndSoIsALongLine() {
    Transcript transcript = new Transcript();
    transcript.reply(
        new SmtpReply(550, Optional.empty(), Collections.nCopies(100, "x\u001b[31m".repeat(500))));
    assertThat(transcript.lines())
        .hasSize(61)
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(500))
        .noneSatisfy(line -> assertThat(line).contains("\u001b"));
    assertThat(transcript.lines().getFirst()).startsWith("S: 550-x?[31m").endsWith("…");
  }

  @Test
  void aSourceIsTheAddressAndTheName() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(HELLO.replace("C EHLO", "C EHLO out3.example") + TAKEN)) {
      Source source = new Source(Optional.of(InetAddress.ofLiteral("127.0.0.3")), "out3.example");
      Attempt attempt =
          Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(server).from(source));
      assertThat(attempt.delivered()).hasSize(1);
      assertThat(server.peers()).containsExactly("127.0.0.3");
      assertThat(attempt.transcript().lines()).contains("* from 127.0.0.3");
      assertThat(server.surprises()).isEmpty();
    }
  }

  @Test
  void aSourceThatIsNotOursIsTrouble() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(HELLO + TAKEN)) {
      Source source = new Source(Optional.of(InetAddress.ofLiteral("192.0.2.1")), "");
      Attempt attempt =
          Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(server).from(source));
      assertThat(Deliveries.endings(attempt).getFirst())
          .matches("x deferred 451 4.3.5 192.0.2.1 is no address of this machine.*");
    }
  }
}
