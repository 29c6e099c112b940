package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** python3-stomp drops mail on {@code mail.submit}. */
@Tag("interop")
final class StompInteropTest {
  @TempDir Path folder;

  @BeforeEach
  void tools() throws Exception {
    Tools.needModule("stomp", "python3-stomp");
    Tools.need("smtp-sink", "postfix");
  }

  @Test
  void aTextWithPropertiesIsDelivered() throws Exception {
    try (Relay relay = Relay.forUsers(folder)) {
      List<String> user = relay.credentials();
      String script = Tools.script("stomp_client.py", folder).toString();
      String port = Integer.toString(relay.port("broker"));
      Run run = Run.command(Tools.PYTHON, script, port, user.get(0), user.get(1));
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.lines()).containsExactly("receipt");

      Dump dump = relay.delivered(1).getFirst();
      assertThat(dump.from()).isEqualTo("a@sender.example");
      assertThat(dump.to()).containsExactly("b@dest.example", "c@dest.example");
      assertThat(dump.text()).contains("\r\nSubject: =?").doesNotContain("c@dest.example\r\n");
      String body = dump.text().substring(dump.text().indexOf("\r\n\r\n") + 4);
      assertThat(Base64.getMimeDecoder().decode(body)).asString().startsWith("Schöne Grüße");
    }
  }
}
