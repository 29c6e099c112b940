package dev.caravan.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import dev.caravan.queue.QueuedMails;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A reader that understands the reports of other mail systems, as a third party's suite says,
 * understands ours. Where the suite is comes from {@code caravan.data}.
 */
final class BounceSuiteTest {
  private static final Path SUITE =
      Path.of(System.getProperty("caravan.data", "../shared/data"), "bounces-flufl");
  private static final Instant NOW = QueuedMails.QUEUED_AT.plus(Duration.ofHours(5));

  @TestFactory
  List<DynamicTest> theReaderUnderstandsTheSuite() throws IOException {
    Path expectations = SUITE.resolve("expected.jsonl");
    assumeTrue(Files.isReadable(expectations), "the flufl.bounce suite is not there: " + SUITE);
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : Files.readAllLines(expectations)) {
      JsonNode expected = new ObjectMapper().readTree(line);
      if (texts(expected.path("detectors")).equals(Set.of("dsn"))) {
        String file = expected.path("file").asText();
        tests.add(
            DynamicTest.dynamicTest(
                file,
                () -> {
                  byte[] message = Files.readAllBytes(SUITE.resolve("messages").resolve(file));
                  DsnReader read = DsnReader.read(message);
                  assertThat(read.permanent()).isEqualTo(texts(expected.path("permanent")));
                  assertThat(read.temporary()).isEqualTo(texts(expected.path("temporary")));
                }));
      }
    }
    assertThat(tests).hasSizeGreaterThanOrEqualTo(18);
    return tests;
  }

  private static Set<String> texts(JsonNode list) {
    Set<String> texts = new TreeSet<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void theReaderUnderstandsOurs() throws IOException {
    BounceWriter writer =
        new BounceWriter("relay.example", Clock.fixed(NOW, ZoneOffset.UTC), new Random(1));
    QueuedMail mail = QueuedMails.mail("a@sender.example", List.of("b@dest.example"), "A: b\r\n");
    List<Report> reports =
        List.of(
            new Report(EmailAddress.parse("b@dest.example"), SmtpReply.of(450, "4.2.0", "x")),
            new Report(EmailAddress.parse("c@dest.example"), SmtpReply.of(550, "Action: x")));
    Mail failure = writer.failure(mail, reports, "mx.dest.example[192.0.2.1]:25").orElseThrow();
    List<Report> late =
        reports.stream()
            .map(r -> new Report(r.recipient(), r.reply(), Report.Action.DELAYED))
            .toList();
    Mail delay = writer.delay(mail, late, "", NOW).orElseThrow();

    assertThat(DsnReader.read(failure.content().toBytes()))
        .isEqualTo(new DsnReader(Set.of("b@dest.example", "c@dest.example"), Set.of()));
    assertThat(DsnReader.read(delay.content().toBytes()))
        .isEqualTo(new DsnReader(Set.of(), Set.of("b@dest.example", "c@dest.example")));
  }
}
