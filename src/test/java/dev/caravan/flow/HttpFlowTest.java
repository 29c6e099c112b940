package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP port of a running gateway: health, metrics, and the queues for who has the token. */
final class HttpFlowTest {
  private static final String MESSAGE = "Subject: test\r\n\r\nhello\r\n";

  @TempDir Path data = Path.of("");

  private record Asked(int status, String type, String body) {}

  private static Asked ask(TestGateway gateway, String method, String path, String... headers)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
              .method(method, HttpRequest.BodyPublishers.noBody());
      if (headers.length > 0) {
        request.headers(headers);
      }
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Asked(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          response.body());
    }
  }

  @Test
  void healthMetricsAndQueues() throws Exception {
    Files.writeString(data.resolve("admin.token"), "0123456789abcdef\n");
    try (Remote remote = new Remote()) {
      remote.answers(a -> "450 4.2.0 Not now");
      Map<String, String> options = new java.util.HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.retry.schedule", "1h");
      try (TestGateway gateway = TestGateway.start(data, options)) {
        for (String path : List.of("/health/live", "/health/ready")) {
          assertThat(ask(gateway, "GET", path))
              .isEqualTo(new Asked(200, "application/json", "{\"status\":\"UP\"}\n"));
          assertThat(ask(gateway, "POST", path).status()).isEqualTo(405);
        }
        try (Client client = new Client(gateway.smtpPort())) {
          assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
              .startsWith("250");
        }
        assertThat(waiting(gateway)).isEqualTo(1);

        Asked metrics = ask(gateway, "GET", "/metrics");
        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.type()).startsWith("text/plain");
        assertThat(metrics.body())
            .contains("caravan_queue_messages{queue=\"mail.retry.1h\"} 1\n")
            .contains("caravan_queue_messages{queue=\"mail.out\"} 0\n")
            .contains("caravan_events_total{");

        for (String[] wrong :
            new String[][] {
              {},
              {"Authorization", "Bearer wrong"},
              {"Authorization", "Bearer "},
              {"Authorization", "0123456789abcdef"},
              {"Authorization", "Basic 0123456789abcdef"},
            }) {
          Asked refused = ask(gateway, "GET", "/api/queues", wrong);
          assertThat(refused.status()).isEqualTo(401);
          assertThat(refused.body()).doesNotContain("mail.").doesNotContain("0123456789abcdef");
        }
        assertThat(ask(gateway, "GET", "/api/nothing").status()).isEqualTo(404);
      }
    }
  }

  /** How many mails wait on the rung, once the delivery that puts them there is done. */
  private static long waiting(TestGateway gateway) throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < TimeUnit.MINUTES.toNanos(1)) {
      Asked queues = ask(gateway, "GET", "/api/queues", "Authorization", "Bearer 0123456789abcdef");
      assertThat(queues.status()).isEqualTo(200);
      assertThat(queues.type()).isEqualTo("application/json");
      long count = 0;
      for (JsonNode row : JsonMapper.builder().build().readTree(queues.body())) {
        assertThat(row.has("site")).isTrue();
        assertThat(row.path("oldestSeconds").asLong(-1)).isBetween(0L, 3600L);
        // On its way from one queue to the next a mail may be counted before its site is seen.
        boolean there =
            row.path("queue").asText().equals("mail.retry.1h")
                && row.path("site").asText().startsWith("127.0.0.1:");
        count += there ? row.path("count").asLong() : 0;
      }
      if (count > 0) {
        return count;
      }
    }
    throw new AssertionError("nothing waits after a minute");
  }

  @Test
  void withoutATokenFileNobodyMayAsk() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, Map.of())) {
      assertThat(ask(gateway, "GET", "/api/queues", "Authorization", "Bearer ").status())
          .isEqualTo(401);
      assertThat(ask(gateway, "GET", "/api/queues", "Authorization", "Bearer").status())
          .isEqualTo(401);
    }
  }
}
