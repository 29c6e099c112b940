package dev.caravan.delivery.auth;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A token endpoint that answers as it is told. */
public final class TokenServer implements AutoCloseable {
  private final HttpServer server;
  private final List<Map<String, String>> requests =
      Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger issued = new AtomicInteger();
  private volatile Function<Map<String, String>, Answer> answers =
      form -> token("token-" + issued.incrementAndGet(), 3600);

  private volatile Function<String, Optional<String>> owners = token -> Optional.empty();

  /** What it says. */
  public record Answer(int status, String body, Map<String, String> headers) {}

  public TokenServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/token", this::handle);
    server.createContext("/introspect", this::introspect);
    server.start();
  }

  /** RFC 7662: whether a token counts, and for whom. */
  private void introspect(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String token = decoded(body.replaceFirst("^.*?token=([^&]*).*$", "$1"));
    String answer =
        owners
            .apply(token)
            .map(user -> "{\"active\":true,\"username\":\"" + user + "\"}")
            .orElse("{\"active\":false}");
    byte[] octets = answer.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, octets.length);
    exchange.getResponseBody().write(octets);
    exchange.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> form = new LinkedHashMap<>();
    for (String pair : body.split("&")) {
      String[] sides = pair.split("=", 2);
      form.put(decoded(sides[0]), sides.length < 2 ? "" : decoded(sides[1]));
    }
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    requests.add(form);
    Answer answer = answers.apply(form);
    answer.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
    byte[] octets = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), octets.length == 0 ? -1 : octets.length);
    exchange.getResponseBody().write(octets);
    exchange.close();
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** A token for so many seconds. */
  public static Answer token(String token, int seconds) {
    return json(
        200,
        "{\"access_token\":\""
            + token
            + "\",\"token_type\":\"Bearer\",\"expires_in\":"
            + seconds
            + "}");
  }

  public static Answer json(int status, String body) {
    return new Answer(status, body, Map.of("Content-Type", "application/json"));
  }

  public void answers(Function<Map<String, String>, Answer> how) {
    answers = how;
  }

  /** The next token of a row that begins with {@code token-1}. */
  public Answer next(int seconds) {
    return token("token-" + issued.incrementAndGet(), seconds);
  }

  /** The forms that it has got. */
  public List<Map<String, String>> requests() {
    return List.copyOf(requests);
  }

  List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  /** Whose each token is; nobody's are not active. */
  public void introspects(Function<String, Optional<String>> how) {
    owners = how;
  }

  public String introspectionUrl() {
    return url().replace("/token", "/introspect");
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
