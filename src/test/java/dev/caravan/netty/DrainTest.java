package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the server stops (RFC 5321, 3.8): 421 to whoever waits, and no mail in work is lost. */
final class DrainTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final String SHUTDOWN = "421 4.3.2 Service is shutting down, try again later";

  @TempDir Path spool;

  private WireServer server(Map<String, String> options) throws Exception {
    WireServer server = new WireServer(options, spool, false);
    server.connect();
    return server;
  }

  private static CompletableFuture<Boolean> drain(WireServer server, Duration max)
      throws Exception {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            done.complete(server.drain(max));
          } catch (InterruptedException e) {
            done.completeExceptionally(e);
          }
        });
    awaitUnanswered(server::isDraining);
    return done;
  }

  private static String say(WireServer server, String line) throws Exception {
    server.send(line + "\r\n");
    String reply = server.line().orElse("");
    while (reply.startsWith("-", 3)) {
      reply = server.line().orElse("");
    }
    return reply;
  }

  private static void mailUpToData(WireServer server) throws Exception {
    assertThat(server.line().orElse("")).startsWith("220 ");
    assertThat(say(server, "EHLO c.example")).startsWith("250 ");
    assertThat(say(server, "MAIL FROM:<a@b.example>")).startsWith("250 ");
    assertThat(say(server, "RCPT TO:<c@d.example>")).startsWith("250 ");
    assertThat(say(server, "DATA")).startsWith("354 ");
  }

  @Test
  void whoWaitsIsToldAtOnce() throws Exception {
    try (WireServer server = server(Map.of())) {
      assertThat(server.line().orElse("")).startsWith("220 ");
      CompletableFuture<Boolean> drained = drain(server, LONG);
      assertThat(server.line()).contains(SHUTDOWN);
      assertThat(server.line()).isEmpty();
      assertThat(drained.get(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.greetingOfAnother()).isEqualTo(SHUTDOWN + "\r\n");
    }
  }

  @Test
  void aMailInWorkIsTakenToItsEnd() throws Exception {
    try (WireServer server = server(Map.of())) {
      mailUpToData(server);
      server.send("half a mess");
      CompletableFuture<Boolean> drained = drain(server, LONG);
      assertThat(say(server, "age\r\n.")).startsWith("250 2.0.0 Ok: queued as ");
      assertThat(server.line()).contains(SHUTDOWN);
      assertThat(server.line()).isEmpty();
      assertThat(drained.get(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.mails()).hasSize(1);
    }
  }

  /** Nobody keeps a server from stopping. */
  @Test
  void whoTakesTooLongIsToldThen() throws Exception {
    try (WireServer server = server(Map.of())) {
      mailUpToData(server);
      server.send("half a mess");
      CompletableFuture<Boolean> drained = drain(server, SHORT);
      assertThat(server.line()).contains(SHUTDOWN);
      assertThat(server.line()).isEmpty();
      assertThat(drained.get(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.mails()).isEmpty();
      assertThat(server.memoryUsed()).isZero();
    }
  }

  /** What is being committed is answered: a 421 instead would make it come twice. */
  @Test
  void aMailThatIsBeingCommittedIsAnswered() throws Exception {
    try (WireServer server = server(Map.of())) {
      mailUpToData(server);
      server.send("a message\r\n.\r\n");
      awaitUnanswered(() -> server.openQuestions() > 0);
      CompletableFuture<Boolean> drained = drain(server, SHORT);
      assertThat(drained.get(60, TimeUnit.SECONDS)).as("it is still there").isFalse();
      assertThat(server.line().orElse("")).startsWith("250 2.0.0 Ok: queued as ");
      assertThat(server.line()).contains(SHUTDOWN);
      assertThat(server.line()).isEmpty();
      assertThat(server.mails()).hasSize(1);
    }
  }

  /** While the routes answer nothing. */
  private static void awaitUnanswered(BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).isNegative();
      Thread.sleep(5);
    }
  }

  /** Before a session there is nothing to tell and nothing to lose. */
  @Test
  void whoHasNotSaidForWhomItSpeaksIsLetGo() throws Exception {
    try (WireServer server = server(Map.of("proxied", "true", "greetingDelay", "3600000"))) {
      server.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n");
      server.await("it is in", () -> server.connections() == 1);
      CompletableFuture<Boolean> drained = drain(server, LONG);
      assertThat(server.line()).contains(SHUTDOWN);
      assertThat(drained.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
