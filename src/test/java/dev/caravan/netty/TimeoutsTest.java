package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each time that a client may take has its end (RFC 5321, 4.5.3.2): the client hears 421, the
 * connection is closed, and nothing of it stays behind.
 */
final class TimeoutsTest {
  private static final String ENVELOPE =
      "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";
  private static final String IDLE = "421 4.4.2 Waited too long, closing the connection";
  private static final String SLOW = "421 4.4.2 Data comes too slowly, closing the connection";

  /** All times are long but the one in question. */
  private static final Map<String, String> SHORT_COMMANDS = Map.of("commandTimeout", "150");

  private static final Map<String, String> SHORT_DATA = Map.of("dataTimeout", "150");

  @TempDir Path spool;

  /**
   * @param sent at once, then nothing
   * @param last what is heard last; empty when the connection is just closed
   */
  record Row(String name, Map<String, String> options, String sent, String last) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> rows() {
    String big = "x".repeat(70) + "\r\n";
    return Stream.of(
        new Row("silence", SHORT_COMMANDS, "", IDLE),
        new Row("half a command", SHORT_COMMANDS, "EHLO c.exam", IDLE),
        new Row("silence behind EHLO", SHORT_COMMANDS, "EHLO c.example\r\n", IDLE),
        new Row("silence within a mail", SHORT_COMMANDS, ENVELOPE, IDLE),
        new Row("silence behind DATA", SHORT_DATA, ENVELOPE + "DATA\r\n", IDLE),
        new Row("half a message", SHORT_DATA, ENVELOPE + "DATA\r\nx: y\r\n\r\n..", IDLE),
        new Row(
            "half a message in a file", SHORT_DATA, ENVELOPE + "DATA\r\n" + big.repeat(100), IDLE),
        new Row("half a chunk", SHORT_DATA, ENVELOPE + "BDAT 10 LAST\r\nhalf", IDLE),
        new Row("half a chunk that nobody wants", SHORT_DATA, "BDAT 10 LAST\r\nhalf", IDLE),
        new Row("silence between chunks", SHORT_COMMANDS, ENVELOPE + "BDAT 4\r\nhalf", IDLE),
        new Row(
            "slower than the least rate",
            Map.of("dataRateMin", "1000000", "dataRateGrace", "100"),
            ENVELOPE + "DATA\r\nx",
            SLOW),
        new Row(
            "a chunk slower than the least rate",
            Map.of("dataRateMin", "1000000", "dataRateGrace", "100"),
            ENVELOPE + "BDAT 1000 LAST\r\nx",
            SLOW),
        new Row(
            "a message for too long",
            Map.of("messageTimeout", "100", "dataRateGrace", "100"),
            ENVELOPE + "DATA\r\nx",
            SLOW),
        new Row(
            "no PROXY header", Map.of("proxyTimeout", "150", "proxied", "true"), "PROXY TC", ""),
        new Row(
            "silence behind the PROXY header",
            Map.of("commandTimeout", "150", "proxied", "true"),
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n",
            IDLE));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void ends(Row row) throws Exception {
    try (WireServer server = new WireServer(row.options(), spool, false)) {
      server.connect();
      boolean greetsFirst = !row.options().containsKey("proxied");
      if (greetsFirst) {
        assertThat(server.line().orElse("")).startsWith("220 ");
      }
      server.send(row.sent());
      String last = "";
      for (Optional<String> line = server.line(); line.isPresent(); line = server.line()) {
        last = line.get();
      }
      assertThat(last).isEqualTo(row.last());
      server.await("the connection is counted no more", () -> server.connections() == 0);
      server.await("its memory is given back", () -> server.memoryUsed() == 0);
      server.await("no file stays", () -> files().isEmpty());
      assertThat(server.mails()).isEmpty();
    }
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(spool)) {
      return files.toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** RFC 5321, 3.1: it speaks first; who can't wait for that is no mail server. */
  @Test
  void aStrangerWaitsForTheGreeting() throws Exception {
    Map<String, String> options = new LinkedHashMap<>(Map.of("greetingDelay", "100"));
    try (WireServer server = new WireServer(options, spool, false)) {
      server.connect();
      assertThat(server.line().orElse("")).startsWith("220 ");
    }
    options.put("greetingDelay", "3600000");
    try (WireServer server = new WireServer(options, spool, false)) {
      server.connect();
      server.send("EHLO c.example\r\n");
      assertThat(server.line().orElse("")).startsWith("554 5.5.1 Wait for the greeting");
      assertThat(server.line()).isEmpty();
    }
    options.put("trusted", "loopback");
    try (WireServer server = new WireServer(options, spool, false)) {
      server.connect();
      assertThat(server.line().orElse("")).startsWith("220 ");
    }
  }
}
