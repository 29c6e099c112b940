package dev.caravan.queue;

import dev.caravan.mail.Content;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A mail as the properties of a message, and back. The content passes as it is. */
@State(Scope.Benchmark)
public class CodecJmh {
  private final MailCodec codec = new MailCodec();
  private final QueuedMail mail =
      QueuedMails.tried(
          QueuedMails.mail(
              "a@sender.example",
              List.of("b@dest.example", "c@dest.example"),
              "Subject: x\r\n\r\ny\r\n"),
          1,
          "450 4.2.0 Not now");
  private final Content content = mail.content();
  private final Map<String, Object> properties = codec.properties(mail);

  @Benchmark
  public Map<String, Object> write() {
    return codec.properties(mail);
  }

  @Benchmark
  public QueuedMail read() {
    return codec.read(properties, content);
  }
}
