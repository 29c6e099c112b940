package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.OPTIONS;
import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.caravan.mail.Content;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.queue.QueuedMail;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The message itself on the wire: by BDAT or DATA, small or large. */
final class ChunkingTest {
  private static final String OFFER =
      "S 220 hello\nC EHLO\nS 250-remote\nS 250-PIPELINING\nS 250 CHUNKING\n";
  private static final int LARGE = 60 * 1024 * 1024;

  @TempDir Path folder = Path.of("");

  @Test
  void dotsStayAsTheyAre() throws Exception {
    String message = "Subject: x\r\n\r\n.\r\n..\r\n.MAIL FROM:<>\r\n";
    int size = message.length();
    try (ScriptedServer server =
        ScriptedServer.start(
            OFFER
                + "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC BDAT "
                + size
                + " LAST\nB "
                + size
                + "\nS 250 taken\nC QUIT")) {
      Attempt attempt =
          Deliveries.send(
              Deliveries.mailOf(message, "x@dest.example"),
              OPTIONS.withChunking(Chunking.ALWAYS),
              hop(server));
      assertThat(endings(attempt)).containsExactly("x delivered 250 taken");
      assertThat(server.messages()).containsExactly(message);
      assertThat(server.surprises()).isEmpty();
    }
  }

  /** Everything is there before the server has answered MAIL; on a kept connection nothing is. */
  @Test
  void aSmallMessageLeavesWithItsEnvelope() throws Exception {
    int size = Deliveries.MESSAGE.length();
    String bdat = "C BDAT " + size + " LAST\nB " + size + "\n";
    try (ScriptedServer server =
            ScriptedServer.start(
                OFFER
                    + "C MAIL\nC RCPT\n"
                    + bdat
                    + "S 250 ok\nS 250 ok\nS 250 taken\n"
                    + "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\n"
                    + bdat
                    + "S 250 again\n");
        HopSender sender = new HopSender(OPTIONS.withChunking(Chunking.PIPELINED), 5)) {
      for (String reply : List.of("taken", "again")) {
        assertThat(endings(sender.send(Deliveries.mail("x@dest.example"), List.of(hop(server)))))
            .containsExactly("x delivered 250 " + reply);
      }
      assertThat(server.surprises()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ALWAYS,    'a\\r\\nb\\r\\n',    BDAT",
    "PIPELINED, 'a\\r\\nb\\r\\n',    BDAT",
    "BINARY,    'a\\r\\nb\\r\\n',    DATA",
    "ALWAYS,    'a\\nb\\r\\n',       DATA",
    "ALWAYS,    'a\\rb\\r\\n',       DATA",
    "ALWAYS,    'a\\r\\nb',          DATA",
    "ALWAYS,    'a\\r\\nb\\r',       DATA",
    "ALWAYS,    'a\\r\\r\\nb\\r\\n', DATA",
  })
  void onlyProperLinesGoByBdat(Chunking chunking, String escaped, String verb) throws Exception {
    String message = escaped.replace("\\r", "\r").replace("\\n", "\n");
    try (MoodyServer server =
        new MoodyServer(
            MoodyServer.Stage.NEVER,
            MoodyServer.Mood.OK,
            javax.net.ssl.SSLContext.getDefault(),
            List.of("PIPELINING", "CHUNKING"),
            0)) {
      Attempt attempt =
          Deliveries.send(
              Deliveries.mailOf(message, "x@dest.example"),
              OPTIONS.withChunking(chunking),
              new Hop(
                  "127.0.0.1",
                  java.net.InetAddress.getLoopbackAddress(),
                  server.port(),
                  TlsMode.NONE,
                  java.util.Optional.empty()));
      assertThat(attempt.delivered()).hasSize(1);
      assertThat(attempt.transcript().toString()).contains("C: " + verb);
    }
  }

  @Test
  void notAnOctetMoreOrLessThanAnnounced() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Exactly exactly = new Exactly(out, 3);
    exactly.write("ab".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(exactly::end).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> exactly.write(new byte[2])).isInstanceOf(IOException.class);
    exactly.write('c');
    exactly.end();
    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("abc");
  }

  /** A spool file that has become shorter must not make data of the next commands. */
  @Test
  void aFileThatIsNotWhatItWasEndsTheConnection() throws Exception {
    Path file = Files.writeString(folder.resolve("short"), "Subject: x\r\n\r\nshort\r\n");
    QueuedMail mail = mail(Content.of(file, Files.size(file) + 100));
    try (ScriptedServer server =
        ScriptedServer.start(OFFER + "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC BDAT\nR")) {
      Attempt attempt = Deliveries.send(mail, OPTIONS.withChunking(Chunking.ALWAYS), hop(server));
      assertThat(endings(attempt).getFirst())
          .matches("x deferred 451 4.4.2 .*while sending the message");
    }
  }

  /** 60 MB pass through a few buffers: all that the sender allocates is a fraction of it. */
  @ParameterizedTest
  @EnumSource(names = {"BINARY", "ALWAYS"})
  void aLargeMessageIsNeverInMemory(Chunking chunking) throws Exception {
    Path file = folder.resolve("large");
    byte[] line = ("." + "x".repeat(997) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < LARGE / line.length; i++) {
        out.write(line);
      }
    }
    QueuedMail mail = mail(Content.of(file, Files.size(file)));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (MoodyServer server =
        new MoodyServer(
            MoodyServer.Stage.NEVER,
            MoodyServer.Mood.OK,
            javax.net.ssl.SSLContext.getDefault(),
            List.of("PIPELINING", "CHUNKING"),
            0)) {
      Hop hop =
          new Hop(
              "127.0.0.1",
              java.net.InetAddress.getLoopbackAddress(),
              server.port(),
              TlsMode.NONE,
              java.util.Optional.empty());
      long before = threads.getCurrentThreadAllocatedBytes();
      Attempt attempt = Deliveries.send(mail, OPTIONS.withChunking(chunking), hop);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(attempt.delivered()).as(attempt.transcript()::toString).hasSize(1);
      assertThat(allocated).isLessThan(LARGE / 20);
    }
  }

  private static QueuedMail mail(Content content) {
    return new QueuedMail(
        new MailId("01M851KCJ1X450J4"),
        Deliveries.mail("x@dest.example").envelope(),
        content,
        "site.example",
        0,
        Instant.EPOCH,
        "",
        Origin.Source.SMTP,
        false);
  }
}
