package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that is slow holds others up for as long as it may, and no longer. */
final class HttpDoorLimitsTest {
  @Test
  void whoIsSlowHoldsNobodyUpForLong(@TempDir Path data) throws Exception {
    UsersFile users = new UsersFile(data.resolve("users"));
    users.add(new Account("shop", true, List.of(), 0, 0), "secret", false);
    String token = users.addToken("shop", false).orElseThrow();
    Map<String, String> options =
        Map.of(
            "caravan.users-file", data.resolve("users").toString(),
            "caravan.http.messages-at-once", "1",
            "caravan.http.message-timeout", "3s");
    try (TestGateway gateway = TestGateway.start(data, options);
        HttpClient http = HttpClient.newHttpClient();
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), gateway.httpPort())) {
      OpenApi openApi =
          new OpenApi(get(http, gateway, "openapi"), get(http, gateway, "message.schema"));
      String head =
          "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
              + "Content-Type: application/json\r\nAuthorization: Bearer "
              + token
              + "\r\n\r\n";
      slow.getOutputStream().write((head + "{").getBytes(StandardCharsets.US_ASCII));
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + gateway.httpPort() + "/v1/messages"))
              .header("Content-Type", "application/json")
              .header("Authorization", "Bearer " + token)
              .POST(HttpRequest.BodyPublishers.ofString("{}"))
              .build();
      HttpResponse<String> told = http.send(request, HttpResponse.BodyHandlers.ofString());
      long end = System.nanoTime() + 60_000_000_000L;
      while (told.statusCode() == 400 && System.nanoTime() < end) {
        told = http.send(request, HttpResponse.BodyHandlers.ofString()); // the slow one is not in
      }
      assertThat(told.statusCode()).isEqualTo(503);
      assertThat(told.body()).contains("\"code\":\"4.3.2\"");
      openApi.check("POST", "/v1/messages", told);
      assertThat(new String(slow.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 408");
      while (told.statusCode() == 503 && System.nanoTime() < end) {
        told = http.send(request, HttpResponse.BodyHandlers.ofString());
      }
      assertThat(told.statusCode()).isEqualTo(400);
    }
  }

  private static String get(HttpClient http, TestGateway gateway, String name) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + gateway.httpPort() + "/v1/" + name + ".json");
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
