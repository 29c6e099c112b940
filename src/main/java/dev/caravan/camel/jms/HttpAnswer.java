package dev.caravan.camel.jms;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.http.Problem;
import dev.caravan.mail.MailId;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;

/** What a client of the HTTP door is told, kept until the facts are told to everybody else. */
final class HttpAnswer {
  private static final String ANSWER = "CaravanHttpAnswer";

  private record Answer(int status, Map<String, Object> headers, String body) {
    Answer {
      headers = Map.copyOf(headers);
    }
  }

  boolean isThere(Exchange exchange) {
    return exchange.getProperty(ANSWER) != null;
  }

  void accepted(Exchange exchange, MailId id) {
    ObjectNode body =
        JsonNodeFactory.instance.objectNode().put("status", "accepted").put("mailId", id.value());
    keep(
        exchange,
        202,
        Map.of("Content-Type", "application/json", "Location", "/v1/messages/" + id.value()),
        body);
  }

  void refused(Exchange exchange, Problem problem) {
    Map<String, Object> headers = new TreeMap<>();
    headers.put("Content-Type", "application/problem+json");
    headers.putAll(problem.headers());
    keep(exchange, problem.status(), headers, problem.json());
  }

  private static void keep(
      Exchange exchange, int status, Map<String, Object> headers, ObjectNode body) {
    exchange.setProperty(ANSWER, new Answer(status, headers, body + "\n"));
  }

  void write(Exchange exchange) {
    Answer answer = exchange.getProperty(ANSWER, Answer.class);
    if (answer == null) {
      throw new IllegalStateException("there is no answer yet");
    }
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
    answer.headers().forEach(exchange.getMessage()::setHeader);
    exchange.getMessage().setBody(answer.body());
  }
}
