package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step of an operator in the delivery's routes fails for one sender's mail. */
final class BrokenDeliveryRouteTest {
  private static final String MESSAGE =
      "From: a@sender.example\r\nTo: b@dest.example\r\nSubject: test\r\n\r\nhello\r\n";

  @TempDir Path temp = Path.of("");

  /** Fails for mail from {@code bad@sender.example}. */
  private static String failure(String subject) {
    return """
    <filter>
      <simple>%s == 'bad@sender.example'</simple>
      <throwException exceptionType="java.lang.IllegalStateException" message="on purpose"/>
    </filter>
    """
        .formatted(subject);
  }

  private Map<String, String> routesWith(String file, String before, String step) throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path each : shipped.toList()) {
        String text = Files.readString(each);
        if (each.endsWith(file)) {
          assertThat(text).contains(before);
          text = text.replace(before, step + before);
        }
        Files.writeString(dir.resolve(each.getFileName()), text);
      }
    }
    return Map.of("caravan.routes-dir", dir.toString());
  }

  /**
   * @param sent how often the other server gets the mail
   */
  @ParameterizedTest
  @CsvSource({
    "before the attempt,  delivery.xml, '<bean id=\"deliver.try\"', body.envelope.sender,      0",
    "after the attempt,   delivery.xml, '<bean id=\"deliver.learn\"', body.mail.envelope.sender, 1",
  })
  void theOutcomeCountsAndOthersAreServed(
      String when, String file, String before, String subject, int sent) throws Exception {
    try (Remote remote = new Remote()) {
      Map<String, String> options =
          new HashMap<>(routesWith(file, before, failure("${" + subject + "}")));
      options.putAll(TestGateway.smarthost(remote));
      options.put("caravan.retry.schedule", "1h");
      try (TestGateway gateway = TestGateway.start(temp.resolve("data"), options);
          Client client = new Client(gateway.smtpPort())) {
        assertThat(client.send("bad@sender.example", List.of("b@dest.example"), MESSAGE))
            .as(when)
            .startsWith("250");
        if (sent == 1) {
          assertThat(remote.take().from()).isEqualTo("bad@sender.example");
        }
        assertThat(client.send("good@sender.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250");
        assertThat(remote.take().from()).isEqualTo("good@sender.example");
        assertThat(gateway.awaitCount("mail.out", 0)).isZero();
        assertThat(gateway.awaitCount("mail.retry.1h", 1 - sent)).isEqualTo(1 - sent);
        assertThat(remote.received()).isEmpty();
      }
    }
  }
}
