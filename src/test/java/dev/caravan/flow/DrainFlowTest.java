package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that is told to stop takes the mails it has begun, and loses none that it has taken.
 */
final class DrainFlowTest {
  @TempDir Path data;

  @Test
  void whatIsAcceptedWhileItStopsIsDelivered() throws Exception {
    try (Remote remote = new Remote()) {
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.shutdown.timeout", "1m");
      TestGateway gateway = TestGateway.start(data, options);
      try (Client idle = new Client(gateway.smtpPort());
          Client busy = new Client(gateway.smtpPort())) {
        busy.say("MAIL FROM:<a@sender.example>");
        busy.say("RCPT TO:<b@dest.example>");
        assertThat(busy.say("DATA")).startsWith("354 ");
        busy.raw("Subject: x\r\n\r\nhalf a ");
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread.startVirtualThread(
            () -> {
              gateway.close();
              closed.complete(null);
            });
        assertThat(idle.reply()).startsWith("421 4.3.2 ");
        assertThat(idle.reply()).isEmpty();
        assertThat(busy.say("message\r\n.")).startsWith("250 2.0.0 ");
        assertThat(busy.reply()).startsWith("421 4.3.2 ");
        assertThat(busy.reply()).isEmpty();
        closed.get(2, TimeUnit.MINUTES);
      }
      // Delivered before it ended, or by the next one.
      try (TestGateway next = TestGateway.start(data, options)) {
        assertThat(next.smtpPort()).isPositive();
        Remote.Received only = remote.take();
        assertThat(only.to()).isEqualTo(List.of("b@dest.example"));
        assertThat(only.text()).endsWith("\r\nSubject: x\r\n\r\nhalf a message\r\n");
      }
      assertThat(remote.received()).isEmpty();
    }
  }
}
