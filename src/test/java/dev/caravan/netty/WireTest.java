package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The dialogues in {@code wire/*.smtp}, each as it is sent and once more octet by octet: where the
 * pieces are cut must never matter.
 */
final class WireTest {
  @TempDir Path spool = Path.of("");

  static List<WireScript> scripts() throws IOException, URISyntaxException {
    URL folder = WireTest.class.getResource("/wire");
    if (folder == null) {
      throw new IllegalStateException("no dialogues");
    }
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files
          .filter(f -> f.toString().endsWith(".smtp"))
          .sorted()
          .map(WireScript::read)
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void asSent(WireScript script) throws Exception {
    play(script, false);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void octetByOctet(WireScript script) throws Exception {
    play(script, true);
  }

  private void play(WireScript script, boolean octetWise) throws Exception {
    try (WireServer server = new WireServer(script.options(), spool, octetWise)) {
      server.connect();
      StringBuilder toSend = new StringBuilder();
      List<WireScript.Step> mails = new ArrayList<>();
      for (WireScript.Step step : script.steps()) {
        // What stands together is sent together.
        if ("CRO".indexOf(step.kind()) < 0 && !toSend.isEmpty()) {
          server.send(toSend.toString());
          toSend.setLength(0);
        }
        switch (step.kind()) {
          case 'O' -> {}
          case 'A' -> {
            String[] rule = step.text().split(" ", 3);
            server.answer(rule[0], rule[1], WireScript.unescape(rule[2]));
          }
          case 'C' -> toSend.append(WireScript.unescape(step.text())).append("\r\n");
          case 'R' -> toSend.append(WireScript.unescape(step.text()));
          case 'S' -> expect(server, step);
          case 'X' -> assertThat(server.line()).as("%s", step).isEmpty();
          case 'D' -> server.disconnect();
          case 'M' -> mails.add(step);
          default -> throw new IllegalArgumentException(step.toString());
        }
      }
      assertThat(server.unread()).as("replies that nobody expects").isEmpty();
      server.disconnect();
      server.await("the connection has gone", () -> server.connections() == 0);
      server.await("memory is given back", () -> server.memoryUsed() == 0);
      server.await("spool files are gone", this::spoolIsEmpty);
      assertThat(server.mails().stream().map(WireTest::describe).toList())
          .containsExactlyElementsOf(
              mails.stream().map(m -> WireScript.unescape(m.text())).toList());
    }
  }

  private static void expect(WireServer server, WireScript.Step step) throws IOException {
    Optional<String> line = server.line();
    if (step.text().endsWith(" ...")) {
      // A reply of any number of lines.
      String code = step.text().substring(0, 3);
      while (line.filter(l -> l.startsWith(code + "-")).isPresent()) {
        line = server.line();
      }
      assertThat(line.orElse("")).as("%s", step).startsWith(code + " ");
      return;
    }
    assertThat(line).as("%s: the connection was closed", step).isPresent();
    String pattern =
        Stream.of(WireScript.unescape(step.text()).split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    assertThat(line.get()).as("%s", step).matches(pattern);
  }

  private boolean spoolIsEmpty() {
    try (Stream<Path> files = Files.list(spool)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without our Received field, which has a date and an id. */
  private static String describe(Mail mail) {
    String text = new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1);
    assertThat(text).matches("(?s)Received: from .*\r\n\tid .*;\r\n\t.*\r\n.*");
    String rest = text;
    for (int i = 0; i < 4; i++) {
      if (rest.startsWith("Received: ") || rest.startsWith("\t")) {
        rest = rest.substring(rest.indexOf("\r\n") + 2);
      }
    }
    return mail.sender()
        + " -> "
        + mail.recipients().stream().map(EmailAddress::toString).collect(Collectors.joining(", "))
        + " | "
        + rest;
  }
}
