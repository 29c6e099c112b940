package dev.caravan.smtp;

import dev.caravan.mail.Content;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the door does with what a client says: command lines, and the data of a message of 5 KB. */
@State(Scope.Benchmark)
public class DoorJmh {
  private static final int PIECE = 1460;

  private final SmtpLimits limits = new SmtpLimits(50_000_000, 128_000, 1, 1, 1, 1, 64_000);
  private final MailCommand.Permission permission =
      new MailCommand.Permission(true, true, Duration.ofDays(7), Instant.EPOCH);
  private final byte[] data =
      ("Subject: test\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(70) + "..\r\n.\r\n")
          .getBytes(StandardCharsets.ISO_8859_1);

  /** MAIL with parameters: the line, the verb, the address, the parameters. */
  @Benchmark
  public Object mailCommand() throws Refusal {
    SmtpCommand command =
        SmtpCommand.parse("MAIL FROM:<alice.long-name@sender.example> SIZE=5120 BODY=8BITMIME");
    return MailCommand.parse(command.argument(), permission);
  }

  @Benchmark
  public Object rcptCommand() throws Refusal {
    SmtpCommand command =
        SmtpCommand.parse("RCPT TO:<bob.long-name@dest.example> NOTIFY=FAILURE,DELAY");
    return RcptCommand.parse(command.argument(), "relay.example", false);
  }

  /** In pieces as they come off the network. */
  @Benchmark
  public Content data() {
    DataReader reader = new DataReader(limits);
    int at = 0;
    while (!reader.hasEnded()) {
      at += reader.feed(data, at, Math.min(PIECE, data.length - at));
    }
    return reader.take();
  }
}
