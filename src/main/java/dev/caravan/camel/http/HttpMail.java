package dev.caravan.camel.http;

import static dev.caravan.camel.http.ApiAnswer.JSON;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.auth.Users;
import dev.caravan.camel.RecentMails;
import dev.caravan.event.MailEvent;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.Exchange;

/** What an application may ask: what became of a mail of its own, and what the door takes. */
public final class HttpMail {
  private static final String OPEN_API = "openapi.json";
  private static final String SCHEMA = "message.schema.json";

  private final HttpLogin login;
  private final RecentMails recent;

  public HttpMail(HttpLogin login, RecentMails recent) {
    this.login = login;
    this.recent = recent;
  }

  /** {@code GET /v1/messages/ID}: the last events of a mail of the caller's. */
  public void show(Exchange exchange) throws IOException {
    HttpServerRequest request = exchange.getMessage().getBody(HttpServerRequest.class);
    ApiRequest.keep(exchange);
    String id = ApiRequest.of(exchange).part(1);
    try {
      String user = login.user(request);
      List<MailEvent> events =
          recent.of(id).events().stream().filter(e -> e.application().equals(user)).toList();
      if (events.isEmpty()) {
        refuse(
            exchange,
            Problem.of(
                404, "5.1.6", "no mail of yours has this name, or it is none of the last ones"));
        return;
      }
      ObjectNode answer =
          JSON.createObjectNode()
              .put("mailId", id)
              .put("status", events.getLast().type().toString());
      ArrayNode all = answer.putArray("events");
      for (MailEvent event : events) {
        all.add(JSON.readTree(event.toJson()));
      }
      ApiAnswer.json(exchange, 200, answer);
    } catch (HttpLogin.RefusedException e) {
      refuse(exchange, e.problem());
    } catch (Users.UsersUnavailableException e) {
      refuse(exchange, Problem.of(503, "4.7.0", "logging in is not possible now"));
    } finally {
      RequestBody.leave(request, /* large= */ false);
    }
  }

  private static void refuse(Exchange exchange, Problem problem) throws IOException {
    ApiAnswer.json(exchange, problem.status(), problem.json());
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/problem+json");
    problem.headers().forEach(exchange.getMessage()::setHeader);
  }

  /** {@code GET /v1/openapi.json}. */
  public void openApi(Exchange exchange) throws IOException {
    file(exchange, OPEN_API, "application/json");
  }

  /** {@code GET /v1/message.schema.json}. */
  public void schema(Exchange exchange) throws IOException {
    file(exchange, SCHEMA, "application/schema+json");
  }

  private static void file(Exchange exchange, String name, String type) throws IOException {
    try (InputStream in = HttpMail.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not there");
      }
      exchange.getMessage().removeHeaders("*");
      exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type);
      exchange.getMessage().setBody(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
