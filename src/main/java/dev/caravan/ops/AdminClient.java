package dev.caravan.ops;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** The HTTP API of the running gateway, found through {@code data/run.json}. */
final class AdminClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Until the first line of an answer; each line of a long one has all the time it needs. */
  private static final Duration LONG_TIMEOUT = Duration.ofMinutes(10);

  private static final JsonMapper JSON = new JsonMapper();
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
              queue.path("oldestSeconds").asLong(-1),
              queue.path("sample").asLong(0)));
    }
    return all;
  }

  /** What this path of the API answers. */
  JsonNode get(String path) throws Failure, InterruptedException {
    return ask(request(path, TIMEOUT).build(), in -> JSON.readTree(in.readNBytes(MAX_ANSWER)));
  }

  /** The waiting mails that these conditions choose, one by one; gives what follows them. */
  JsonNode mails(Map<String, List<String>> conditions, int limit, Consumer<JsonNode> each)
      throws Failure, InterruptedException {
    StringBuilder path = new StringBuilder("/api/mails?limit=").append(limit);
    conditions.forEach(
        (name, values) ->
            values.forEach(
                value ->
                    path.append('&')
                        .append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8))));
    return ask(
        request(path.toString(), LONG_TIMEOUT).build(),
        in -> {
          ObjectNode tail = JSON.createObjectNode();
          try (JsonParser json = JSON.createParser(in)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
              String name = json.currentName();
              if (json.nextToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() == JsonToken.START_OBJECT) {
                  JsonNode mail = json.readValueAsTree();
                  each.accept(mail);
                }
              } else {
                JsonNode value = json.readValueAsTree();
                tail.set(name, value);
              }
            }
          }
          return tail;
        });
  }

  /**
   * Has the gateway do something that may take long; gives the last thing that it said.
   *
   * @param progress is told how far it has got
   */
  JsonNode post(String path, ObjectNode body, LongConsumer progress)
      throws Failure, InterruptedException {
    HttpRequest request =
        request(path, LONG_TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    JsonNode last =
        ask(
            request,
            in -> {
              JsonNode said = JSON.createObjectNode();
              try (MappingIterator<JsonNode> lines =
                  JSON.readerFor(JsonNode.class).readValues(in)) {
                while (lines.hasNext()) {
                  said = lines.next();
                  progress.accept(said.path("mails").asLong());
                }
              }
              return said;
            });
    if (last.has("error")) {
      throw new Failure(last.path("error").asText());
    }
    if (last.has("done") && !last.path("done").asBoolean()) {
      throw new Failure("the gateway broke off; what it had begun it ends when it starts again");
    }
    return last;
  }

  /** Prints what this path answers. */
  void text(String path, PrintWriter out) throws Failure, InterruptedException {
    JsonNode none =
        ask(
            request(path, LONG_TIMEOUT).build(),
            in -> {
              new InputStreamReader(in, StandardCharsets.UTF_8).transferTo(out);
              return JSON.createObjectNode();
            });
    assert none.isEmpty();
  }

  private interface Reader {
    JsonNode read(InputStream in) throws IOException;
  }

  private HttpRequest.Builder request(String path, Duration timeout) {
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(timeout)
        .header("Authorization", "Bearer " + token)
        .header("Accept", "application/json");
  }

  private JsonNode ask(HttpRequest request, Reader reader) throws Failure, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        if (response.statusCode() != 200) {
          throw new Failure(refusal(response.statusCode(), in.readNBytes(MAX_ANSWER)));
        }
        return reader.read(in);
      }
    } catch (IOException e) {
      throw new Failure("the gateway at " + base + " does not answer: " + Failure.sentence(e), e);
    }
  }

  /** Its own sentence where it has one. */
  private String refusal(int status, byte[] octets) {
    if (status != 401) {
      try {
        String sentence = JSON.readTree(octets).path("error").asText();
        if (!sentence.isEmpty()) {
          return sentence;
        }
      } catch (IOException e) {
        // no JSON: it is told as it is
      }
    }
    String text = new String(octets, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
    return "the gateway at "
        + base
        + " answered "
        + status
        + (text.isEmpty() ? "" : ": " + text.substring(0, Math.min(200, text.length())));
  }
}
