package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the event names when a client is cut off. */
final class CutOffTest {
  private static final String REPLY = "421 4.7.0 Too many errors, closing the connection";

  @TempDir Path spool;

  @Test
  void aClientIsNamed() throws Exception {
    try (WireServer server = new WireServer(Map.of("errors", "2"), spool, false)) {
      server.connect();
      assertThat(server.line().orElse("")).startsWith("220 ");
      server.send("EHLO c.example\r\nNONSENSE\r\nNONSENSE\r\nNONSENSE\r\n");
      awaitEnd(server);
      assertThat(server.cutOffs()).containsExactly("127.0.0.1 " + REPLY);
    }
  }

  @Test
  void aClientThatARelayBeforeUsSpeaksForIsNamed() throws Exception {
    Map<String, String> options = Map.of("errors", "2", "xclient", "127.0.0.0/8");
    try (WireServer server = new WireServer(options, spool, false)) {
      server.connect();
      assertThat(server.line().orElse("")).startsWith("220 ");
      server.send("EHLO relay.example\r\nXCLIENT ADDR=192.0.2.9 NAME=bad.example\r\n");
      server.send("EHLO bad.example\r\nNONSENSE\r\nNONSENSE\r\nNONSENSE\r\n");
      awaitEnd(server);
      assertThat(server.cutOffs()).containsExactly("192.0.2.9 " + REPLY);
    }
  }

  private static void awaitEnd(WireServer server) throws Exception {
    String last = "";
    for (var line = server.line(); line.isPresent(); line = server.line()) {
      last = line.get();
    }
    assertThat(last).isEqualTo(REPLY);
  }
}
