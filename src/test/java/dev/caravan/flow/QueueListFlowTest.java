package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much waits, by queue and site: {@code /api/queues}. */
final class QueueListFlowTest {
  private static final int MAILS = 3_000;

  @TempDir Path data = Path.of("");

  /** The numbers are exact; the sites are those of a sample where the queue is longer. */
  @ParameterizedTest
  @CsvSource({
    "4000, 10s, SITE 3000",
    "3000, 10s, SITE 3000",
    "2999, 10s, SITE 2999 of 2999 + rest 1 of 2999",
    "100,  10s, SITE 100 of 100 + rest 2900 of 100",
    "0,    10s, rest 3000",
    "100,  0s,  rest 3000",
  })
  void aLongQueueIsLookedAtInPart(String sample, String time, String expected) throws Exception {
    Admin.token(data);
    try (Remote remote = new Remote()) {
      String site = "127.0.0.1:" + remote.port();
      WaitingMails.fill(data, site, MAILS, 3_600_000);
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.retry.schedule", "1h");
      options.put("caravan.broker.memory-max", "2MB");
      options.put("caravan.http.queue-sample", sample);
      options.put("caravan.http.queue-sample-time", time);
      try (TestGateway gateway = TestGateway.start(data, options);
          Admin admin = new Admin(gateway.httpPort())) {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : admin.get("/api/queues").last()) {
          if (row.path("queue").asText().equals("mail.retry.1h")) {
            rows.add(
                (row.path("site").asText().equals(site) ? "SITE " : "rest ")
                    + row.path("count").asLong()
                    + (row.has("sample") ? " of " + row.path("sample").asLong() : ""));
          }
        }
        assertThat(String.join(" + ", rows)).isEqualTo(expected);
      }
    }
  }
}
