package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.OPTIONS;
import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mailOf;
import static dev.caravan.delivery.Deliveries.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Content;
import dev.caravan.queue.QueuedMail;
import dev.caravan.smtp.DotStuffer;
import dev.caravan.smtp.FalseEnds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a message holds, by whichever door it came in (an application may hand over any octets),
 * it leaves as one message: also for a server that takes a bare LF or CR for the end of a line.
 */
final class OutboundSmugglingTest {
  private static final String TAIL =
      "MAIL FROM:<smuggled@b.example>\r\n"
          + "RCPT TO:<victim@d.example>\r\n"
          + "DATA\r\n"
          + "smuggled\r\n"
          + ".\r\n"
          + "QUIT\r\n";

  private static final String OBEYED =
      """
      S 220 mx.example ESMTP
      C EHLO
      S 250 mx.example
      C MAIL
      S 250 ok
      C RCPT
      S 250 ok
      C DATA
      S 354 go
      D
      S 250 taken
      C QUIT
      S 221 bye
      """;

  @TempDir Path folder = Path.of("");

  /** How a server finds the end of the data. */
  private enum Reader {
    RFC("(?:^|\r\n)\\.\r\n"),
    /** Postfix and Sendmail of old: a LF ends a line, with or without a CR. */
    BARE_LF("(?:^|\n)\\.\r?\n"),
    /** As before, with any number of CRs. */
    MANY_CRS("(?:^|\n)\\.\r*\n"),
    /** Gateways that make a CRLF of each bare CR and LF. */
    ANY_LINE_END("(?:^|[\r\n])\\.(?:\r\n|\r|\n)"),
    /** CR ends a line, LF is forgotten. */
    BARE_CR("(?:^|\r\n?)\\.\r\n?"),
    /** NULs are dropped on the way in. */
    NO_NULS("(?:^|\0*[\r\n]\0*)\0*\\.\0*(?:\r\0*\n|\r|\n)");

    private final Pattern end;

    Reader(String end) {
      this.end = Pattern.compile(end);
    }

    int end(String data) {
      Matcher m = end.matcher(data);
      return m.find() ? m.end() : -1;
    }
  }

  static List<String> contents() {
    List<String> contents = new ArrayList<>();
    for (String sequence : FalseEnds.ALL) {
      contents.add("first" + sequence + TAIL);
      contents.add(sequence + TAIL);
      contents.add("first" + sequence);
      contents.add("first\r\n" + sequence + "\r\n.\r\n" + TAIL);
    }
    contents.add("first\r\n.\r\n" + TAIL);
    contents.add(".\r\n" + TAIL);
    contents.add("");
    contents.add(".");
    contents.add("\0");
    return contents;
  }

  @Test
  void whateverIsStuffedHasOneEndForEveryReader() throws IOException {
    for (String content : Stream.concat(contents().stream(), allShort()).toList()) {
      for (int cut = 0; cut <= Math.min(content.length(), 12); cut++) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DotStuffer stuffer = new DotStuffer(out);
        byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
        stuffer.write(octets, 0, cut);
        stuffer.write(octets, cut, octets.length - cut);
        stuffer.end();
        check(content, out.toString(StandardCharsets.ISO_8859_1));
      }
    }
  }

  /** Everything up to six octets long that is made of these. */
  private static Stream<String> allShort() {
    List<String> all = new ArrayList<>(List.of(""));
    for (int from = 0, length = 0; length < 6; length++) {
      int to = all.size();
      for (; from < to; from++) {
        for (char c : new char[] {'a', '.', '\r', '\n', '\0'}) {
          all.add(all.get(from) + c);
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatTheClientSendsHasOneEndForEveryReader(List<String> contents) throws Exception {
    for (String content : contents) {
      Path file = folder.resolve("content");
      byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
      Files.write(file, octets);
      QueuedMail inMemory = mailOf(content, "b@dest.example");
      QueuedMail inFile =
          new QueuedMail(
              inMemory.id(),
              inMemory.envelope(),
              Content.of(file, octets.length),
              inMemory.site(),
              0,
              inMemory.queuedAt(),
              "",
              inMemory.source(),
              false);
      for (QueuedMail mail : List.of(inMemory, inFile)) {
        try (ScriptedServer server = ScriptedServer.start(OBEYED)) {
          assertThat(endings(send(mail, OPTIONS, hop(server))))
              .as(FalseEnds.visible(content))
              .containsExactly("b delivered 250 taken");
          assertThat(server.surprises()).as(FalseEnds.visible(content)).isEmpty();
          check(content, server.messages().getFirst());
        }
      }
    }
  }

  /** A few tests with many contents each, lest the report has nothing else. */
  static Stream<List<String>> pages() {
    List<String> all = contents();
    return Stream.iterate(0, i -> i < all.size(), i -> i + 25)
        .map(i -> all.subList(i, Math.min(all.size(), i + 25)));
  }

  private static void check(String content, String sent) {
    String name = FalseEnds.visible(content);
    assertThat(Pattern.compile("\r(?!\n)|(?<!\r)\n").matcher(sent).find())
        .as("a bare CR or LF leaves: %s", name)
        .isFalse();
    for (Reader reader : Reader.values()) {
      assertThat(reader.end(sent)).as("%s reads %s", reader, name).isEqualTo(sent.length());
    }
    if (content.indexOf('\0') < 0) {
      String lines = content.replaceAll("\r\n|\r|\n", "\r\n");
      boolean open = !lines.isEmpty() && !lines.endsWith("\r\n");
      String data = ("\r\n" + sent.substring(0, sent.length() - 3)).replace("\r\n.", "\r\n");
      assertThat(data.substring(2)).as(name).isEqualTo(open ? lines + "\r\n" : lines);
    }
  }
}
