package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever one client sends, the next one is served. */
final class SmtpBadInputTest {
  private static final String MESSAGE = "Subject: x\r\n\r\nx\r\n";
  private static final String EXECUTABLE =
      "Subject: x\r\nMIME-Version: 1.0\r\n"
          + "Content-Type: application/octet-stream; name=\"x.exe\"\r\n"
          + "Content-Disposition: attachment; filename=\"x.exe\"\r\n\r\nx\r\n";
  private static final long MB = 1024 * 1024;

  @TempDir Path dir = Path.of("");

  /** One gateway for all of them. */
  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  final class OneAfterTheOther {
    private Path data = Path.of("");
    private TestGateway gateway;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
      data = folder;
      gateway = TestGateway.start(data, Map.of());
    }

    @AfterAll
    void stop() {
      gateway.close();
    }

    static Stream<Arguments> nonsense() {
      return Stream.of(
          Arguments.of("unknown commands", "FOO\r\n".repeat(11), "421 4.7.0"),
          Arguments.of("one long line", "x".repeat(1_000_000) + "\r\n", "500 5.5.2"),
          Arguments.of("octets", "\0\1\2\377\376\r\n", "500 5.5.2"),
          Arguments.of("empty lines", "\r\n".repeat(100), "421 4.7.0"),
          Arguments.of("bare LFs", "\n".repeat(100), "421 4.7.0"),
          Arguments.of("HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "421 4.7.0"),
          Arguments.of("TLS", "\26\3\1\2\0\1\0\1\374\3\3\n", "554 5.5.1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void nonsenseIsAnsweredAndTheNextIsServed(String name, String sent, String expected)
        throws Exception {
      try (Client client = new Client(gateway.smtpPort())) {
        client.raw(sent);
        String reply = client.reply();
        while (expected.startsWith("421") && reply.startsWith("500")) {
          reply = client.reply();
        }
        assertThat(reply).startsWith(expected);
      }
      theNextIsServed();
    }

    @Test
    void tenThousandRecipients() throws Exception {
      try (Client client = new Client(gateway.smtpPort())) {
        client.say("MAIL FROM:<a@sender.example>");
        CompletableFuture<Void> sending =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    for (int i = 0; i < 10_000; i++) {
                      client.raw("RCPT TO:<r" + i + "@dest.example>\r\n");
                    }
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
        for (int i = 0; i < 10_000; i++) {
          assertThat(client.reply()).startsWith(i < 1000 ? "250 2.1.5" : "452 4.5.3");
        }
        sending.join();
        assertThat(client.say("DATA")).startsWith("354");
        client.raw(MESSAGE);
        assertThat(client.say(".")).startsWith("250 2.0.0");
      }
      theNextIsServed();
    }

    @Test
    void twoHundredMegabytesAreReadAndRefusedWithoutBeingHeld() throws Exception {
      byte[] block = ("x".repeat(1022) + "\r\n").repeat(1024).getBytes(StandardCharsets.US_ASCII);
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.smtpPort());
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
        OutputStream out = socket.getOutputStream();
        assertThat(in.readLine()).startsWith("220");
        out.write(
            "HELO client.example\r\nMAIL FROM:<a@sender.example>\r\nRCPT TO:<b@dest.example>\r\nDATA\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(in.readLine()).startsWith("250");
        assertThat(in.readLine()).startsWith("250");
        assertThat(in.readLine()).startsWith("250");
        assertThat(in.readLine()).startsWith("354");
        long before = live();
        long during = 0;
        for (int i = 0; i < 200; i++) {
          out.write(block);
          if (i == 45 || i == 190) {
            during = Math.max(during, live());
          }
        }
        assertThat(during - before).isLessThan(20 * MB);
        out.write(".\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(in.readLine()).startsWith("552 5.3.4");
        out.write("NOOP\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(in.readLine()).startsWith("250");
      }
      theNextIsServed();
      await(
          "the spool is empty",
          () -> {
            try (Stream<Path> files = Files.list(data.resolve("spool"))) {
              return files.findAny().isEmpty();
            }
          });
    }

    private void theNextIsServed() throws IOException {
      assertThat(send(gateway.smtpPort())).startsWith("250 2.0.0 Ok: queued as ");
    }
  }

  private static long live() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void aFullDiskDefers() throws Exception {
    FileStore store = Files.getFileStore(dir);
    long used = store.getTotalSpace() - store.getUsableSpace();
    assumeTrue(used * 50 > store.getTotalSpace(), "less than 2 % of the disk are used");
    try (TestGateway full =
        TestGateway.start(dir.resolve("full"), Map.of("caravan.broker.disk-max", "1"))) {
      await(
          "the broker sees that the disk is full",
          () -> {
            String reply = send(full.smtpPort());
            assertThat(reply).containsAnyOf("250 2.0.0 ", "452 4.3.1 ");
            return reply.startsWith("452 4.3.1 ");
          });
      // it is said at MAIL already when it is known; what is refused for good may be told before
      try (Client client = new Client(full.smtpPort())) {
        assertThat(client.send("a@sender.example", List.of("b@dest.example"), EXECUTABLE))
            .containsAnyOf("550 5.7.1 ", "452 4.3.1 ");
      }
    }
  }

  @Test
  void aRouteThatThrowsDefersAndTellsOnlyTheLogWhy() throws Exception {
    Path routes = Files.createDirectories(dir.resolve("routes"));
    try (Stream<Path> files = Files.list(Path.of("routes"))) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        Files.writeString(
            routes.resolve(file.getFileName().toString()),
            text.replace(
                "<from id=\"message.in\" uri=\"direct:message\"/>",
                "<from id=\"message.in\" uri=\"direct:message\"/>"
                    + "<throwException id=\"message.bad\""
                    + " exceptionType=\"java.lang.IllegalStateException\""
                    + " message=\"the secret reason\"/>"));
      }
    }
    try (Log log = new Log();
        TestGateway broken =
            TestGateway.start(
                dir.resolve("broken"), Map.of("caravan.routes-dir", routes.toString()));
        Client client = new Client(broken.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
          .isEqualTo("451 4.3.0 Local error in processing, try again later");
      assertThat(client.say("NOOP")).startsWith("250");
      assertThat(log.reasons()).contains("the secret reason");
    }
  }

  private static String send(int port) throws IOException {
    try (Client client = new Client(port)) {
      return client.send("a@sender.example", List.of("b@dest.example"), MESSAGE);
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(Duration.ofMillis(20));
    }
  }

  /** The messages of all exceptions that are logged meanwhile. */
  private static final class Log extends AbstractAppender implements AutoCloseable {
    private final List<String> reasons = new ArrayList<>();
    private final LoggerContext context =
        (LoggerContext) org.apache.logging.log4j.LogManager.getContext(false);

    Log() {
      super("test", null, null, true, Property.EMPTY_ARRAY);
      start();
      context.getConfiguration().getRootLogger().addAppender(this, null, null);
    }

    @Override
    public synchronized void append(LogEvent event) {
      if (event.getThrown() != null) {
        reasons.add(String.valueOf(event.getThrown().getMessage()));
      }
    }

    synchronized List<String> reasons() {
      return List.copyOf(reasons);
    }

    @Override
    public void close() {
      context.getConfiguration().getRootLogger().removeAppender("test");
      stop();
    }
  }
}
