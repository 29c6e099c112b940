package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Python's smtplib, as applications use it. */
@Tag("interop")
final class PythonSmtplibInteropTest {
  @TempDir Path folder;

  @BeforeEach
  void tools() throws Exception {
    Tools.needModule("smtplib", "python3");
    Tools.need("smtp-sink", "postfix");
  }

  @Test
  void severalMessagesOverOneConnection() throws Exception {
    try (Relay relay = Relay.forStrangers(folder)) {
      String script = Tools.script("smtplib_client.py", folder).toString();
      Run run = Run.command(Tools.PYTHON, script, Integer.toString(relay.port("smtp")));
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.lines())
          .containsExactly(
              "extensions 8bitmime enhancedstatuscodes pipelining size",
              "eight-bit {}",
              "dots {}",
              "one refused x@other.example 550 5.7.1",
              "all refused x@other.example y@other.example",
              "too large for SIZE 552",
              "afterwards {}");

      List<Dump> came =
          relay.delivered(4).stream().sorted(Comparator.comparing(d -> d.to().getFirst())).toList();
      assertThat(came)
          .extracting(Dump::to)
          .containsExactly(
              List.of("afterwards@ours.example"),
              List.of("dots@ours.example"),
              List.of("eight@ours.example"),
              List.of("one@ours.example", "two@ours.example"));
      assertThat(new String(came.get(2).octets(), StandardCharsets.UTF_8))
          .contains("Content-Transfer-Encoding: 8bit")
          .endsWith("\r\n\r\nSchöne Grüße, 日本\r\n");
      assertThat(came.get(1).sent()).endsWith("\r\n\r\n.\r\n..\r\n.dot\r\n\r\nend\r\n");
    }
  }
}
