package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Mail in over HTTP: {@code POST /v1/messages}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HttpDoorFlowTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MAIL =
      "{\"from\":\"Shop <a@shop.example>\",\"to\":\"b@dest.example\",\"subject\":\"Grüße\"}";

  private final Remote remote = new Remote();
  private final HttpClient http = HttpClient.newHttpClient();
  private TestGateway gateway;
  private UsersFile users;
  private Path data;
  private Map<String, String> options;
  private String token = "";
  private OpenApi openApi;

  @BeforeAll
  void start(@TempDir Path dir) throws Exception {
    data = dir;
    Path file = data.resolve("users");
    users = new UsersFile(file);
    users.add(new Account("shop", true, List.of("shop.example"), 0, 0), "secret", false);
    users.add(new Account("other", true, List.of(), 0, 0), "other", false);
    users.add(new Account("gone", false, List.of(), 0, 0), "gone", false);
    users.add(new Account("slow", true, List.of(), 2, 3), "slow", false);
    users.add(new Account("small", true, List.of(), 0, 0, 20_000), "small", false);
    token = users.addToken("shop", false).orElseThrow();
    options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.users-file", file.toString());
    options.put("caravan.http.message-max", "1MB");
    options.put("caravan.smtp.message-size-max", "500KB");
    gateway = TestGateway.start(data, options);
    openApi = new OpenApi(text("/v1/openapi.json"), text("/v1/message.schema.json"));
  }

  private String text(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri(path)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @AfterAll
  void stop() {
    gateway.close();
    remote.close();
    http.close();
  }

  private record Told(int status, String type, JsonNode body, HttpResponse<String> all) {
    String code() {
      return body.path("code").asText();
    }
  }

  private Told post(String body, String... headers) throws Exception {
    return post(HttpRequest.BodyPublishers.ofString(body), headers);
  }

  private Told post(HttpRequest.BodyPublisher body, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri("/v1/messages")).POST(body);
    Stream.of("Content-Type", "Authorization")
        .filter(name -> !List.of(headers).contains(name))
        .forEach(
            name ->
                request.header(
                    name, name.equals("Content-Type") ? "application/json" : "Bearer " + token));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return told(request.build());
  }

  private Told get(String path, String authorization) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).GET();
    return told(
        (authorization.isEmpty() ? request : request.header("Authorization", authorization))
            .build());
  }

  private Told told(HttpRequest request) throws Exception {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    String type = response.headers().firstValue("Content-Type").orElse("");
    openApi.check(request.method(), request.uri().getPath(), response);
    return new Told(
        response.statusCode(),
        type,
        type.contains("json") ? JSON.readTree(response.body()) : JSON.createObjectNode(),
        response);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + gateway.httpPort() + path);
  }

  private static String basic(String name, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void thePathsOfTheDocumentAreThoseOfTheRoutes() throws Exception {
    Pattern from = Pattern.compile("platform-http:(/v1/[^?]*)\\?httpMethodRestrict=([A-Z]+)");
    Set<String> routes =
        from.matcher(Files.readString(Path.of("routes/http-in.xml")))
            .results()
            .map(m -> m.group(2) + " " + m.group(1).replace("{id}", "{mailId}"))
            .collect(Collectors.toSet());
    assertThat(routes).hasSize(4).isEqualTo(openApi.operations());
    for (String path : List.of("/v1/openapi.json", "/v1/message.schema.json")) {
      assertThat(get(path, "").status()).isEqualTo(200);
    }
    assertThat(
            http.send(
                    HttpRequest.newBuilder(uri("/v1/messages")).DELETE().build(),
                    HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void aMailIsTakenInAndItsEndIsTold() throws Exception {
    Told told = post(MAIL);
    assertThat(told.status()).isEqualTo(202);
    assertThat(told.type()).isEqualTo("application/json");
    String id = told.body().path("mailId").asText();
    assertThat(told.all().headers().firstValue("Location")).contains("/v1/messages/" + id);
    Remote.Received got = remote.take();
    assertThat(got.from()).isEqualTo("a@shop.example");
    assertThat(got.to()).containsExactly("b@dest.example");
    assertThat(got.text()).contains("Message-ID: <" + id + "@relay.example>").contains("with HTTP");

    String path = "/v1/messages/" + id;
    Told story = get(path, "Bearer " + token);
    long end = System.nanoTime() + 60_000_000_000L;
    while (!story.body().path("status").asText().equals("delivered") && System.nanoTime() < end) {
      Thread.sleep(20);
      story = get(path, "Bearer " + token);
    }
    assertThat(story.body().path("status").asText()).isEqualTo("delivered");
    assertThat(story.body().path("events").get(0).path("type").asText()).isEqualTo("queued");
    assertThat(get(path, basic("other", "other")).status()).isEqualTo(404);
    assertThat(get(path, "Bearer x").status()).isEqualTo(401);
  }

  static Stream<Arguments> refused() {
    String big = "\"text\":\"" + "x".repeat(600_000) + "\"}";
    return Stream.of(
        Arguments.of("{", 400, "5.6.0", ""),
        Arguments.of("[]", 400, "5.6.0", ""),
        Arguments.of("", 400, "5.6.0", ""),
        Arguments.of("{\"from\":\"a@shop.example\"}", 400, "5.1.3", ""),
        Arguments.of("{\"to\":\"a@shop.example\"}", 400, "5.1.7", ""),
        Arguments.of("{\"to\":[\"b@dest.example\",\"x\"]}", 400, "5.1.3", "/to/1"),
        Arguments.of("{\"subject\":\"x\\r\\nBcc: y@z.example\"}", 400, "5.6.0", "/subject"),
        Arguments.of("{\"attachments\":[{\"data\":\"%\"}]}", 400, "5.6.0", "/attachments/0/data"),
        Arguments.of(MAIL.replace("a@shop.example", "a@other.example"), 403, "5.7.1", ""),
        Arguments.of(MAIL.replace("}", "," + big), 413, "5.3.4", ""));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsNoMailIsRefused(String body, int status, String code, String field) throws Exception {
    Told told = post(body);
    assertThat(told.status()).isEqualTo(status);
    assertThat(told.type()).isEqualTo("application/problem+json");
    assertThat(told.code()).isEqualTo(code);
    assertThat(told.body().path("field").asText()).isEqualTo(field);
    assertThat(told.body().path("status").asInt()).isEqualTo(status);
    assertThat(told.body().path("detail").asText()).isNotEmpty();
  }

  static Stream<Arguments> strangers() {
    return Stream.of(
        Arguments.of("Bearer x", 401),
        Arguments.of("Bearer cvn.c2hvcA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 401),
        Arguments.of("Basic x", 401),
        Arguments.of(basic("shop", "wrong"), 401),
        Arguments.of(basic("nobody", "secret"), 401),
        Arguments.of(basic("gone", "gone"), 401),
        Arguments.of("Digest x", 401),
        Arguments.of(basic("shop", "secret"), 202));
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void onlyUsersSend(String authorization, int status) throws Exception {
    Told told = post(MAIL, "Authorization", authorization);
    assertThat(told.status()).isEqualTo(status);
    if (status == 401) {
      assertThat(told.all().headers().firstValue("WWW-Authenticate").orElse(""))
          .contains("Bearer")
          .contains("Basic");
    } else {
      remote.take();
    }
  }

  @Test
  void otherTypesAndSizesAreRefusedBeforeTheyAreRead() throws Exception {
    assertThat(post(MAIL, "Content-Type", "text/plain").status()).isEqualTo(415);
    assertThat(post(MAIL, "Content-Type", "application/json; charset=latin1").status())
        .isEqualTo(415);
    assertThat(post(MAIL, "Content-Encoding", "gzip").status()).isEqualTo(415);
    byte[] large = new byte[1_200_000];
    Told chunked =
        post(
            HttpRequest.BodyPublishers.ofInputStream(
                () ->
                    new java.io.SequenceInputStream(
                        new java.io.ByteArrayInputStream(
                            "{\"text\":\"".getBytes(StandardCharsets.UTF_8)),
                        new java.io.ByteArrayInputStream(
                            new String(large, StandardCharsets.ISO_8859_1)
                                .replace('\0', 'x')
                                .getBytes(StandardCharsets.ISO_8859_1)))));
    assertThat(chunked.status()).isEqualTo(413);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.httpPort())) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n"
                      + "Content-Type: application/json\r\nExpect: 100-continue\r\n"
                      + "Authorization: Bearer "
                      + token
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
  }

  @Test
  void toManyEachGetsOne() throws Exception {
    String mail =
        """
        {"from": "a@shop.example", "template": "order", "mailKey": "many",
         "data": {"name": "you", "number": 1, "items": []},
         "recipients": [{"to": "m1@dest.example"}, {"to": "m2@dest.example", "data": {"number": 2}}]}
        """;
    Told told = post(mail);
    assertThat(told.status()).as(() -> told.all().body()).isEqualTo(202);
    assertThat(post(mail).body()).isEqualTo(told.body());
    List<Remote.Received> got = List.of(remote.take(), remote.take());
    assertThat(got.stream().flatMap(r -> r.to().stream()))
        .containsExactlyInAnyOrder("m1@dest.example", "m2@dest.example");
    Told one =
        post(
            mail.replaceFirst("(?s)\"recipients.*", "\"to\": \"m3@dest.example\"}")
                .replace("many", "one"));
    assertThat(one.status()).as(() -> one.all().body()).isEqualTo(202);
    assertThat(remote.take().to()).containsExactly("m3@dest.example");
    assertThat(
            post(mail.replace("many", "x")
                    .replaceFirst("(?s)\"recipients.*", "\"recipients\": []}"))
                .status())
        .isEqualTo(400);
  }

  @Test
  void theSameKeyIsOneMailAndOneAnswer() throws Exception {
    String mail = MAIL.replace("}", ",\"mailKey\":\"order-1\"}");
    Set<String> answers = new HashSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<String>> posts =
          java.util.Collections.nCopies(80, () -> post(mail).body().path("mailId").asText());
      for (Future<String> answer : threads.invokeAll(posts)) {
        answers.add(answer.get());
      }
    }
    answers.add(post(MAIL, "Idempotency-Key", "order-1").body().path("mailId").asText());
    assertThat(answers).hasSize(1);
    assertThat(answers.iterator().next()).startsWith("K");
    Remote.Received got = remote.take();
    assertThat(got.text()).contains(answers.iterator().next());
    // The next that comes is another mail: there was no second one before it.
    post(MAIL.replace("Grüße", "next"));
    assertThat(remote.take().text()).contains("Subject: next");
  }

  @Test
  void whoIsTooFastIsToldToWait() throws Exception {
    String slow = basic("slow", "slow");
    assertThat(post(MAIL, "Authorization", slow).status()).isEqualTo(202);
    remote.take();
    Told many =
        post(
            MAIL.replace(
                "\"b@dest.example\"", "[\"b@dest.example\",\"c@dest.example\",\"d@dest.example\"]"),
            "Authorization",
            slow);
    assertThat(many.status()).isEqualTo(429);
    assertThat(many.code()).isEqualTo("4.7.1");
    assertThat(many.all().headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void aUsersOwnSizeLimitIsKept() throws Exception {
    String small = basic("small", "small");
    String fits = MAIL.replace("}", ",\"text\":\"" + "x ".repeat(8_000) + "\"}");
    assertThat(post(fits, "Authorization", small).status()).isEqualTo(202);
    assertThat(remote.take().to()).containsExactly("b@dest.example");
    String large = MAIL.replace("}", ",\"text\":\"" + "x ".repeat(13_000) + "\"}");
    Told told = post(large, "Authorization", small);
    assertThat(told.status()).isEqualTo(413);
    assertThat(told.code()).isEqualTo("5.3.4");
    assertThat(told.body().path("reply").asText())
        .startsWith("552 5.3.4")
        .contains("your account, 20000 octets");
    // Another's limit is the settings'.
    assertThat(post(large).status()).isEqualTo(202);
    assertThat(remote.take().to()).containsExactly("b@dest.example");
  }

  @Test
  void anAttachmentOfAnySizeWithinTheLimitComesThrough() throws Exception {
    byte[] octets = new byte[300_000];
    new java.util.Random(1).nextBytes(octets);
    String base64 = Base64.getEncoder().encodeToString(octets);
    Told told =
        post(
            MAIL.replace(
                "}", ",\"attachments\":[{\"name\":\"x.bin\",\"data\":\"" + base64 + "\"}]}"));
    assertThat(told.status()).isEqualTo(202);
    String text = remote.take().text();
    String part = text.substring(text.indexOf("x.bin"));
    part = part.substring(part.indexOf("\r\n\r\n") + 4, part.indexOf("\r\n--=_"));
    assertThat(Base64.getMimeDecoder().decode(part)).isEqualTo(octets);
  }
}
