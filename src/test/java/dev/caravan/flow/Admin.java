package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** An operator at the HTTP API of a gateway. */
final class Admin implements AutoCloseable {
  private static final String TOKEN = "0123456789abcdef";
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;

  Admin(int port) {
    this.port = port;
  }

  /** Lets us in; before the gateway is started. */
  static void token(Path data) throws IOException {
    Files.createDirectories(data);
    Files.writeString(data.resolve("admin.token"), TOKEN);
  }

  /** An answer: one JSON value a line. */
  record Answer(int status, String body) {
    JsonNode last() {
      try {
        String[] lines = body.strip().split("\n", -1);
        return JSON.readTree(lines[lines.length - 1]);
      } catch (IOException e) {
        throw new AssertionError(body, e);
      }
    }
  }

  Answer get(String path) throws Exception {
    return ask(path, "GET", HttpRequest.BodyPublishers.noBody());
  }

  Answer post(String path, String json) throws Exception {
    return ask(path, "POST", HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
  }

  private Answer ask(String path, String method, HttpRequest.BodyPublisher body) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + TOKEN)
                .method(method, body)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body());
  }

  /** Returns when it is under way: when the first line of its answer has come. */
  void begin(String path, String json) throws Exception {
    InputStream answer =
        http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Authorization", "Bearer " + TOKEN)
                    .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                    .build(),
                HttpResponse.BodyHandlers.ofInputStream())
            .body();
    assertThat(answer.readNBytes(1)).containsExactly('{');
  }

  /** Does it; gives the number of mails. */
  long act(String command, String json) throws Exception {
    Answer answer = post("/api/mails/" + command, json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.last().path("done").asBoolean()).as(answer.body()).isTrue();
    return answer.last().path("mails").asLong();
  }

  /** The waiting mails that the query chooses. */
  List<JsonNode> mails(String query) throws Exception {
    Answer answer = get("/api/mails?limit=100000&" + query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    List<JsonNode> all = new ArrayList<>();
    answer.last().path("mails").forEach(all::add);
    return all;
  }

  /** How many mails are in which queue; none that are empty. */
  Map<String, Integer> counts() throws Exception {
    Map<String, Integer> counts = new TreeMap<>();
    for (JsonNode mail : mails("")) {
      counts.merge(mail.path("queue").asText(), 1, Integer::sum);
    }
    return counts;
  }

  /** Until it is so. */
  Map<String, Integer> await(Predicate<Map<String, Integer>> wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    Map<String, Integer> counts = counts();
    while (!wanted.test(counts)) {
      assertThat(System.nanoTime()).as("%s", counts).isLessThan(deadline);
      // a busy question would keep from its work what it asks about
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      counts = counts();
    }
    return counts;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
