package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QUIT (RFC 5321, 4.1.1.10): the reply, then the end of the connection. */
final class QuitTest {
  private static final String BYE = "221 2.0.0 Bye";

  @TempDir Path spool;

  private WireServer server() throws Exception {
    WireServer server = new WireServer(Map.of(), spool, false);
    server.connect();
    assertThat(server.line().orElse("")).startsWith("220 ");
    return server;
  }

  /** The last is what a reset would overtake if the connection were closed at once. */
  @ParameterizedTest
  @ValueSource(
      strings = {"QUIT\r\n", "MAIL FROM:<a@b.example>\r\nQUIT\r\n", "QUIT\r\nNOOP\r\nHELP\r\n"})
  void whoTakesLeaveHearsTheReplyAndTheEnd(String said) throws Exception {
    try (WireServer server = server()) {
      server.send("HELO c.example\r\n");
      assertThat(server.line().orElse("")).startsWith("250 ");
      server.send(said);
      String reply = server.line().orElse("");
      if (said.startsWith("MAIL")) {
        assertThat(reply).startsWith("250 ");
        reply = server.line().orElse("");
      }
      assertThat(reply).isEqualTo(BYE);
      assertThat(server.line()).isEmpty();
    }
  }

  @Test
  void quitHasNoArgument() throws Exception {
    try (WireServer server = server()) {
      server.send("QUIT now\r\nQUIT\r\n");
      assertThat(server.line().orElse("")).startsWith("501 ");
      assertThat(server.line()).contains(BYE);
      assertThat(server.line()).isEmpty();
    }
  }
}
