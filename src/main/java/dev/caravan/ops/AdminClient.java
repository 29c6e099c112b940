package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The HTTP API of the running gateway, found through {@code data/run.json}. */
final class AdminClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_ANSWER = 32 * 1024 * 1024;

  private final URI base;
  private final String token;

  private AdminClient(URI base, String token) {
    this.base = base;
    this.token = token;
  }

  /**
   * The gateway that uses this data dir.
   *
   * @throws Failure when none runs, or it has no HTTP
   */
  static AdminClient of(Settings settings) throws Failure {
    RunFile run =
        RunFile.read(settings.dataDir())
            .orElseThrow(
                () ->
                    new Failure(
                        "no gateway is running: there is no "
                            + DataDir.runFile(settings.dataDir())));
    String http = run.ports().get("http");
    if (http == null) {
      throw new Failure("the running gateway has no HTTP API: caravan.http.port is -1");
    }
    return new AdminClient(
        URI.create("http://" + Listener.reachable(http)), DataDir.token(settings.dataDir()));
  }

  /** What waits, by queue and site: {@code GET /api/queues}. */
  List<QueueSummary> queues() throws Failure, InterruptedException {
    List<QueueSummary> all = new ArrayList<>();
    JsonNode answer = get("/api/queues");
    if (!answer.isArray()) {
      throw new Failure("the gateway's answer is no list");
    }
    for (JsonNode queue : answer) {
      all.add(
          new QueueSummary(
              queue.path("queue").asText(),
              queue.path("site").asText(""),
              queue.path("count").asLong(),
              queue.path("oldestSeconds").asLong(-1)));
    }
    return all;
  }

  private JsonNode get(String path) throws Failure, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + token)
            .header("Accept", "application/json")
            .build();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        byte[] octets = in.readNBytes(MAX_ANSWER);
        if (response.statusCode() != 200) {
          throw new Failure(
              "the gateway at " + base + " answered " + refusal(response.statusCode(), octets));
        }
        return new JsonMapper().readTree(octets);
      }
    } catch (IOException e) {
      throw new Failure("the gateway at " + base + " does not answer: " + Failure.sentence(e), e);
    }
  }

  private static String refusal(int status, byte[] octets) {
    String text = new String(octets, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
    return status + (text.isEmpty() ? "" : ": " + text.substring(0, Math.min(200, text.length())));
  }
}
