package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that says this or that at each stage, and what becomes of a mail for x and y. */
final class DialogueTest {
  private static final String GREETED =
      """
      S 220 hello
      C EHLO relay.example
      S 250 remote.example
      """;
  private static final String MAILED = GREETED + "C MAIL FROM:<a@sender.example>\nS 250 ok\n";
  private static final String RCPT_X = "C RCPT TO:<x@dest.example>\n";
  private static final String RCPT_Y = "C RCPT TO:<y@dest.example>\n";
  private static final String ACCEPTED = MAILED + RCPT_X + "S 250 ok\n" + RCPT_Y + "S 250 ok\n";
  private static final String SENT = ACCEPTED + "C DATA\nS 354 go on\nD\n";
  private static final String PIPELINED =
      """
      S 220 hello
      C EHLO relay.example
      S 250-remote.example
      S 250 PIPELINING
      C MAIL
      C RCPT TO:<x@
      C RCPT TO:<y@
      C DATA
      """;

  static Stream<Arguments> endOfADialogue() {
    return Stream.of(
        // greeting
        both("greeting 421", "S 421 4.3.2 busy", "deferred 451 4.3.2 .* in the greeting: 421 .*"),
        both("greeting 450", "S 450 not now", "deferred 451 4.3.2 .*450 not now"),
        both("greeting 554: the server's trouble, not the mail's", "S 554 no", "deferred 451 .*"),
        both("greeting is garbage", "S hello there", "deferred 451 4.5.0 .*no SMTP reply.*"),
        both("greeting 2", "S 2", "deferred 451 4.5.0 .*"),
        both("greeting with a code no reply has", "S 199 hm", "deferred 451 4.5.0 .*"),
        both("closed before the greeting", "CLOSE", "deferred 451 4.4.2 .*closed.*"),
        both(
            "greeting of two lines",
            "S 220-hello\nS 220 there\nC EHLO\nS 250 x\nC MAIL\nS 451 4.3.0 no\nC RSET\nS 250 ok",
            "deferred 451 4.3.0 no"),
        both("greeting of two codes", "S 220-hello\nS 221 there", "deferred 451 4.5.0 .*"),
        both("a reply line without end", "S 220 " + "x".repeat(10_000), "deferred 451 4.5.0 .*"),
        both("a reply of lines without end", "S 220-x\n".repeat(200), "deferred 451 4.5.0 .*"),
        // EHLO
        both("EHLO 421", "S 220 x\nC EHLO\nS 421 no", "deferred 451 4.3.2 .*421 no"),
        both("EHLO 450", "S 220 x\nC EHLO\nS 450 no", "deferred 451 4.3.2 .*450 no"),
        both("closed at EHLO", "S 220 x\nC EHLO\nCLOSE", "deferred 451 4.4.2 .*"),
        both(
            "EHLO and HELO refused",
            "S 220 x\nC EHLO\nS 500 what\nC HELO\nS 504 no",
            "deferred 451 4.3.2 .*504 no"),
        both(
            "HELO where EHLO is not known",
            "S 220 x\n"
                + "C EHLO\n"
                + "S 502 what\n"
                + "C HELO relay.example\n"
                + "S 250 x\n"
                + "C MAIL FROM:<a@sender.example>\n"
                + "S 250 ok\n"
                + SENT.substring(MAILED.length())
                + "S 250 2.0.0 taken",
            "delivered 250 2.0.0 taken"),
        // MAIL
        both("MAIL 421", GREETED + "C MAIL\nS 421 4.3.2 bye", "deferred 451 4.3.2 .*421 4.3.2 bye"),
        both(
            "MAIL 450",
            GREETED + "C MAIL\nS 450 4.7.1 later\nC RSET\nS 250 ok",
            "deferred 450 4.7.1 later"),
        both(
            "MAIL 550",
            GREETED + "C MAIL\nS 550 5.7.1 never\nC RSET\nS 250 ok",
            "failed 550 5.7.1 never"),
        both("MAIL 354", GREETED + "C MAIL\nS 354 hm", "deferred 451 4.3.2 .*354 hm"),
        both("MAIL garbage", GREETED + "C MAIL\nS hm", "deferred 451 4.5.0 .*"),
        both("closed at MAIL", GREETED + "C MAIL\nCLOSE", "deferred 451 4.4.2 .*closed at MAIL"),
        both(
            "any 2xx to MAIL",
            PIPELINED + "S 252 a\nS 250 b\nS 250 c\nS 354 d\nD\nS 250 e",
            "delivered 250 e"),
        both(
            "MAIL 550 and closed, pipelined",
            PIPELINED + "S 550 5.7.1 never\nCLOSE",
            "failed 550 5.7.1 never"),
        both(
            "MAIL 550, and everything else accepted",
            PIPELINED + "S 550 5.7.1 never\nS 250 ok\nS 250 ok\nS 354 go on\nD\nS 250 ok",
            "failed 550 5.7.1 never"),
        // RCPT
        each(
            "one accepted, one refused",
            MAILED
                + RCPT_X
                + "S 250 ok\n"
                + RCPT_Y
                + "S 550 5.1.1 who\nC DATA\nS 354 go\nD\nS 250 ok",
            "x delivered 250 ok",
            "y failed 550 5.1.1 who"),
        each(
            "one put off, one refused",
            MAILED + RCPT_X + "S 450 4.2.2 full\n" + RCPT_Y + "S 550 5.1.1 who\nC RSET\nS 250 ok",
            "x deferred 450 4.2.2 full",
            "y failed 550 5.1.1 who"),
        each(
            "all refused, pipelined: DATA refused",
            PIPELINED + "S 250 ok\nS 550 5.1.1 x\nS 551 5.1.6 y\nS 503 none\nC RSET\nS 250 ok",
            "x failed 550 5.1.1 x",
            "y failed 551 5.1.6 y"),
        each(
            "all refused, pipelined: DATA accepted",
            PIPELINED + "S 250 ok\nS 550 5.1.1 x\nS 450 y\nS 354 go\nD\nS 250 odd",
            "x failed 550 5.1.1 x",
            "y deferred 450 y"),
        each(
            "251 and 252 are accepted",
            MAILED
                + RCPT_X
                + "S 251 fwd\n"
                + RCPT_Y
                + "S 252 may be\nC DATA\nS 354 go\nD\nS 250 ok",
            "x delivered 250 ok",
            "y delivered 250 ok"),
        each(
            "552 to a recipient means too many",
            MAILED
                + RCPT_X
                + "S 250 ok\n"
                + RCPT_Y
                + "S 552 5.5.3 many\nC DATA\nS 354 go\nD\nS 250 ok",
            "x delivered 250 ok",
            "y deferred 451 4.5.3 many"),
        each(
            "closed after one was refused",
            MAILED + RCPT_X + "S 550 5.1.1 who\n" + RCPT_Y + "CLOSE",
            "x failed 550 5.1.1 who",
            "y deferred 451 4.4.2 .*at RCPT"),
        each(
            "421 to a recipient ends it",
            MAILED + RCPT_X + "S 250 ok\n" + RCPT_Y + "S 421 4.7.0 slow down",
            "x deferred 421 4.7.0 slow down",
            "y deferred 421 4.7.0 slow down"),
        // DATA
        both("DATA 421", ACCEPTED + "C DATA\nS 421 bye", "deferred 421 bye"),
        both(
            "DATA 451",
            ACCEPTED + "C DATA\nS 451 4.3.0 no\nC RSET\nS 250 ok",
            "deferred 451 4.3.0 no"),
        both(
            "DATA 554",
            ACCEPTED + "C DATA\nS 554 5.7.1 no\nC RSET\nS 250 ok",
            "failed 554 5.7.1 no"),
        both(
            "DATA 250 is no delivery",
            ACCEPTED + "C DATA\nS 250 ok",
            "deferred 451 4.3.2 .*250 ok"),
        both("closed at DATA", ACCEPTED + "C DATA\nCLOSE", "deferred 451 4.4.2 .*at DATA"),
        both("garbage at DATA", ACCEPTED + "C DATA\nS 35\n", "deferred 451 4.5.0 .*"),
        // the final dot
        both("taken", SENT + "S 250 2.0.0 Ok: queued", "delivered 250 2.0.0 Ok: queued"),
        both(
            "taken, in lines",
            SENT + "S 250-one\nS 250-two\nS 250 three",
            "delivered 250 one two three"),
        both(
            "taken, in lines with an enhanced code each",
            SENT + "S 250-2.6.0 one\nS 250 2.6.0 two",
            "delivered 250 2.6.0 one two"),
        both("452 after the dot", SENT + "S 452 4.3.1 full", "deferred 452 4.3.1 full"),
        both("421 after the dot", SENT + "S 421 4.3.2 bye", "deferred 421 4.3.2 bye"),
        both("554 after the dot", SENT + "S 554 5.6.0 spam", "failed 554 5.6.0 spam"),
        both("closed after the dot", SENT + "CLOSE", "deferred maybe 451 4.4.2 .*final dot"),
        both("garbage after the dot", SENT + "S \0\1", "deferred maybe 451 4.5.0 .*"),
        both("354 after the dot", SENT + "S 354 again", "deferred maybe 451 4.3.2 .*354 again"),
        both("half a reply after the dot", SENT + "S 250-ok\nCLOSE", "deferred maybe 451 4.4.2 .*"),
        both("an enhanced code of another class", SENT + "S 554 2.0.0 no", "failed 554 2.0.0 no"));
  }

  private static Arguments both(String what, String script, String ending) {
    return each(what, script, "x " + ending, "y " + ending);
  }

  private static Arguments each(String what, String script, String x, String y) {
    return arguments(what, script, List.of(x, y));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void endOfADialogue(String what, String script, List<String> endings) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Attempt attempt =
          Deliveries.send(
              mail("x@dest.example", "y@dest.example"), Deliveries.OPTIONS, hop(server));
      assertThat(endings(attempt)).hasSize(2);
      assertThat(endings(attempt).get(0)).as(what).matches(endings.get(0));
      assertThat(endings(attempt).get(1)).as(what).matches(endings.get(1));
      assertThat(server.surprises()).isEmpty();
    }
  }

  static Stream<Arguments> silence() {
    return Stream.of(
        arguments("R", "x deferred 451 4.4.2 .*timed out while greeting"),
        arguments("DRIP", "x deferred 451 4.4.2 .*timed out while greeting"),
        arguments("S 220-hello\nDRIP", "x deferred 451 4.(4.2|5.0) .*"),
        arguments("S 220 x\nC EHLO\nR", "x deferred 451 4.4.2 .*timed out .*"),
        arguments(MAILED + RCPT_X + "R", "x deferred 451 4.4.2 .*timed out .*"),
        arguments(MAILED + RCPT_X + "S 250 ok\nC DATA\nR", "x deferred 451 4.4.2 .*timed out .*"));
  }

  @ParameterizedTest
  @MethodSource
  void silence(String script, String ending) throws Exception {
    ClientOptions hasty =
        new ClientOptions(
            "relay.example",
            Deliveries.AMPLE,
            Deliveries.TINY,
            Deliveries.TINY,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            100);
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Attempt attempt = Deliveries.send(mail("x@dest.example"), hasty, hop(server));
      assertThat(endings(attempt).getFirst()).matches(ending);
    }
  }

  @ParameterizedTest
  @MethodSource
  void slowEnd(String script, String message, String ending) throws Exception {
    ClientOptions hasty =
        new ClientOptions(
            "relay.example",
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.TINY,
            Deliveries.TINY,
            Deliveries.AMPLE,
            100);
    try (ScriptedServer server = ScriptedServer.start(script)) {
      Attempt attempt =
          Deliveries.send(Deliveries.mailOf(message, "x@dest.example"), hasty, hop(server));
      assertThat(endings(attempt).getFirst()).matches(ending);
    }
  }

  static Stream<Arguments> slowEnd() {
    String data = MAILED + RCPT_X + "S 250 ok\nC DATA\nS 354 go on\n";
    return Stream.of(
        arguments(
            data + "D\nR", Deliveries.MESSAGE, "x deferred maybe 451 4.4.2 .*after the final dot"),
        arguments(data + "D\nDRIP", Deliveries.MESSAGE, "x deferred maybe 451 4.4.2 .*"),
        arguments(
            data + "DEAF",
            "0123456789".repeat(5_000_000) + "\r\n",
            "x deferred 451 4.4.2 .*timed out while sending the message"));
  }
}
