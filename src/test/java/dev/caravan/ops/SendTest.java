package dev.caravan.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.EmailAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendTest {
  private static final List<String> POLITE =
      List.of(
          "220 hi",
          "250-hi\n250 SIZE",
          "250 ok",
          "250 ok",
          "250 ok",
          "354 go",
          "250 queued",
          "221 bye");

  private record Said(boolean accepted, List<String> heard, String transcript) {}

  /** A server that says these, whatever it hears. */
  private static Said send(List<String> replies, String body) throws Exception {
    List<String> heard = new ArrayList<>();
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = Thread.ofVirtual().start(() -> serve(listener, replies, heard));
      StringWriter transcript = new StringWriter();
      TestMail mail =
          new TestMail(
              "a@a.example",
              List.of(EmailAddress.parse("b@b.example"), EmailAddress.parse("c@c.example")),
              "Hello",
              body);
      boolean accepted;
      try (SmtpDialogue dialogue =
          new SmtpDialogue(
              new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()),
              Duration.ofSeconds(20),
              new PrintWriter(transcript))) {
        accepted =
            dialogue.send(
                "mx.example",
                mail.from(),
                mail.to().stream().map(EmailAddress::toString).toList(),
                mail.message("mx.example", Clock.systemUTC(), new Random(1)));
      }
      server.join();
      return new Said(accepted, heard, transcript.toString());
    }
  }

  private static void serve(ServerSocket listener, List<String> replies, List<String> heard) {
    try (Socket socket = listener.accept()) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (String reply : replies) {
        socket
            .getOutputStream()
            .write((reply.replace("\n", "\r\n") + "\r\n").getBytes(StandardCharsets.UTF_8));
        String line;
        do {
          line = in.readLine();
          if (line != null) {
            heard.add(line);
          }
        } while (line != null && reply.startsWith("354") && !line.equals("."));
      }
    } catch (IOException e) {
      heard.add("! " + e);
    }
  }

  @Test
  void saysTheWholeDialogue() throws Exception {
    Said said = send(POLITE, "one\n.two\n");

    assertThat(said.accepted()).isTrue();
    assertThat(said.heard())
        .startsWith(
            "EHLO mx.example",
            "MAIL FROM:<a@a.example>",
            "RCPT TO:<b@b.example>",
            "RCPT TO:<c@c.example>",
            "DATA")
        .containsSequence("", "one", "..two", ".", "QUIT");
    assertThat(said.transcript())
        .contains(
            "S: 220 hi", "C: EHLO mx.example", "S: 250-hi", "C: Subject: Hello", "S: 221 bye");
  }

  @ParameterizedTest
  @CsvSource({"0, 554 no", "2, 550 no", "3, 550 no", "5, 451 no", "6, 552 no"})
  void aRefusalAnywhereIsANo(int at, String reply) throws Exception {
    List<String> replies = new ArrayList<>(POLITE);
    replies.set(at, reply);

    assertThat(send(replies, "x").accepted()).isFalse();
  }

  @Test
  void anOldServerIsGreetedWithHelo() throws Exception {
    List<String> replies = new ArrayList<>(POLITE);
    replies.set(1, "502 what?");
    replies.add(2, "250 hi");

    Said said = send(replies, "x");
    assertThat(said.accepted()).isTrue();
    assertThat(said.heard()).contains("HELO mx.example");
  }

  @Test
  void whatIsNotAsciiIsEncoded() {
    Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
    String message =
        new String(
            new TestMail("", List.of(EmailAddress.parse("b@b.example")), "Grüße", "Grüße")
                .message("mx.example", clock, new Random(1)),
            StandardCharsets.UTF_8);

    assertThat(message)
        .contains("Date: Fri, 2 Jan 2026 03:04:05 +0000\r\n")
        .contains("From: postmaster@mx.example\r\n")
        .contains("Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n")
        .contains("Content-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==\r\n")
        .matches(m -> m.chars().allMatch(c -> c < 128))
        .containsPattern("Message-ID: <[0-9A-Z]+@mx.example>\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:25, 127.0.0.1:25",
    "[::]:25, [::1]:25",
    ":::25, [::1]:25",
    "::1:25, [::1]:25",
    "mx.example:25, mx.example:25"
  })
  void wildcardsAreReachedOverLoopback(String listener, String reachable) {
    assertThat(Listener.reachable(listener)).isEqualTo(reachable);
  }

  @ParameterizedTest
  @CsvSource({"-1, -", "0, 0s", "59, 59s", "60, 1m 0s", "3600, 1h 0m", "187200, 2d 4h"})
  void agesAreShort(long seconds, String text) {
    assertThat(Table.age(seconds)).isEqualTo(text);
  }
}
