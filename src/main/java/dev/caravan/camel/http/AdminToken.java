package dev.caravan.camel.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.apache.camel.Exchange;

/** Lets only those pass who know the token in {@code data/admin.token}; others get a 401. */
public final class AdminToken {
  private final Path file;

  public AdminToken(String file) {
    this.file = Path.of(file);
  }

  /** Ends the route for whoever does not know it. */
  public void check(Exchange exchange) throws IOException {
    String given = exchange.getMessage().getHeader("Authorization", "", String.class);
    String token = Files.exists(file) ? Files.readString(file).strip() : "";
    boolean known =
        !token.isEmpty()
            && MessageDigest.isEqual(
                ("Bearer " + token).getBytes(StandardCharsets.UTF_8),
                given.getBytes(StandardCharsets.UTF_8));
    ApiRequest.keep(exchange);
    exchange.getMessage().removeHeaders("*");
    if (!known) {
      exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 401);
      exchange.getMessage().setHeader("WWW-Authenticate", "Bearer");
      exchange.getMessage().setBody("{\"error\":\"the token of data/admin.token is needed\"}\n");
      exchange.setRouteStop(true);
    }
  }
}
