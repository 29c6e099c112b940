package dev.caravan.delivery.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.mail.Durations;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/**
 * Asks a token endpoint (RFC 6749, 3.2). Over TLS with a valid certificate, or on this machine;
 * never redirected, with a limit on time and size.
 */
final class TokenEndpoint {
  private static final int ANSWER_MAX = 64 * 1024;
  private static final int TOKEN_MAX = 32 * 1024;
  private static final int TOLD_MAX = 200;

  /** RFC 6749, 5.1 leaves it out where it is told elsewhere. */
  private static final long LIFETIME_SECONDS = 300;

  private static final long LIFETIME_SECONDS_MAX = 30L * 24 * 3600;
  private static final long RETRY_SECONDS_MAX = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI uri;
  private final Duration timeout;
  private final HttpClient client;

  /** What the endpoint gave. */
  record Grant(String accessToken, Duration lifetime, String refreshToken) {
    @Override
    public String toString() {
      return "Grant[" + lifetime + "]";
    }
  }

  /** It gave nothing. */
  static final class NoGrantException extends Exception {
    private static final long serialVersionUID = 1L;
    private final Duration pause;

    NoGrantException(String message, Duration pause) {
      super(message, null, false, false);
      this.pause = pause;
    }

    /** How long it wants to be left alone; zero when it has not said. */
    Duration pause() {
      return pause;
    }
  }

  TokenEndpoint(URI uri, Duration timeout) {
    this.uri = uri;
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * Asks once.
   *
   * @param form the fields of the request
   * @param basic user and password for the Authorization header; empty = none
   * @param secrets that must not be told, whatever the endpoint says
   */
  Grant ask(Map<String, String> form, String basic, Collection<String> secrets)
      throws NoGrantException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(encoded(form)));
    if (!basic.isEmpty()) {
      byte[] octets = basic.getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(octets));
    }
    HttpResponse<byte[]> response = send(request.build());
    JsonNode answer = json(response.body());
    if (response.statusCode() == 200) {
      return grant(answer);
    }
    throw new NoGrantException(told(response.statusCode(), answer, secrets), retryAfter(response));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(e -> encoded(e.getKey()) + '=' + encoded(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  /** The client's own time-out ends with the header of the answer. */
  private HttpResponse<byte[]> send(HttpRequest request)
      throws NoGrantException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_MAX));
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw none("did not answer within " + Durations.text(timeout));
    } catch (ExecutionException e) {
      throw none(
          switch (e.getCause()) {
            case HttpTimeoutException t -> "did not answer within " + Durations.text(timeout);
            case SSLException t -> "can't be trusted: " + oneLine(String.valueOf(t.getMessage()));
            case IOException t -> "can't be reached: " + oneLine(t.toString());
            case null, default -> "can't be asked";
          });
    } finally {
      boolean ended = answer.cancel(true);
      assert !ended || answer.isCancelled();
    }
  }

  private static JsonNode json(byte[] body) {
    try {
      JsonNode read = JSON.readTree(body);
      return read.isObject() ? read : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }

  private Grant grant(JsonNode answer) throws NoGrantException {
    String token = answer.path("access_token").asText("");
    // A token is of these characters (RFC 6750, 2.1); others could end the line that it stands in.
    if (!token.matches("[\\x21-\\x7e]{1," + TOKEN_MAX + "}")) {
      throw none("gave no access_token");
    }
    String type = answer.path("token_type").asText("Bearer");
    if (!type.equalsIgnoreCase("Bearer")) {
      throw none("gave a token of another type than Bearer");
    }
    long seconds = answer.path("expires_in").asLong(LIFETIME_SECONDS);
    return new Grant(
        token,
        Duration.ofSeconds(Math.clamp(seconds, 1, LIFETIME_SECONDS_MAX)),
        answer.path("refresh_token").asText(""));
  }

  /** The error as RFC 6749, 5.2 has it, without what must not be told. */
  private String told(int status, JsonNode answer, Collection<String> secrets) {
    String error = answer.path("error").asText("");
    String description = answer.path("error_description").asText("");
    String text =
        "said " + status + (error.isEmpty() ? "" : " " + error) + spaced(oneLine(description));
    for (String secret : secrets) {
      text = text.replace(secret, "****");
    }
    return prefixed(text);
  }

  private static String spaced(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }

  private static Duration retryAfter(HttpResponse<?> response) {
    String seconds = response.headers().firstValue("Retry-After").orElse("");
    return seconds.matches("\\d{1,9}")
        ? Duration.ofSeconds(Math.min(Long.parseLong(seconds), RETRY_SECONDS_MAX))
        : Duration.ZERO;
  }

  private NoGrantException none(String what) {
    return new NoGrantException(prefixed(what), Duration.ZERO);
  }

  private String prefixed(String what) {
    return "the token endpoint " + uri.getHost() + " " + what;
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= TOLD_MAX ? line : line.substring(0, TOLD_MAX) + "…";
  }
}
