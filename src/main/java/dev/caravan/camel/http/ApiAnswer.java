package dev.caravan.camel.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.camel.spool.Operations;
import java.io.IOException;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers of the API. As a bean: what a client hears when a step throws. */
public final class ApiAnswer {
  static final ObjectMapper JSON = JsonMapper.builder().build();

  private static final int BODY_MAX = 1024 * 1024;
  private static final Logger LOG = LoggerFactory.getLogger(ApiAnswer.class);

  /** An API has nothing to find there. */
  static final class NotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotFoundException(String sentence) {
      super(sentence);
    }
  }

  static void json(Exchange exchange, int status, JsonNode body) throws JsonProcessingException {
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange.getMessage().setBody(JSON.writeValueAsString(body) + "\n");
  }

  /**
   * The JSON object that was sent.
   *
   * @throws IllegalArgumentException when there is none
   */
  static JsonNode object(Exchange exchange) throws IOException {
    InputStream in = exchange.getMessage().getBody(InputStream.class);
    if (in == null) {
      throw new IllegalArgumentException("the body is no JSON object");
    }
    byte[] octets;
    try (in) {
      octets = in.readNBytes(BODY_MAX + 1);
    }
    if (octets.length > BODY_MAX) {
      throw new IllegalArgumentException("the body is larger than " + BODY_MAX + " octets");
    }
    try {
      JsonNode body = JSON.readTree(octets);
      if (body != null && body.isObject()) {
        return body;
      }
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new IllegalArgumentException("the body is no JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("the body is no JSON object");
  }

  /** {@code 400} for what was asked wrongly, {@code 404}, {@code 409}; else {@code 500}. */
  public void error(Exchange exchange) throws JsonProcessingException {
    Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    int status =
        switch (cause) {
          case IllegalArgumentException e -> 400;
          case NotFoundException e -> 404;
          case Operations.BusyException e -> 409;
          case null, default -> 500;
        };
    if (status == 500) {
      LOG.warn("the API can't answer: {}", String.valueOf(cause), cause);
    }
    json(exchange, status, JSON.createObjectNode().put("error", sentence(cause)));
  }

  static String sentence(@org.jspecify.annotations.Nullable Throwable cause) {
    String message = cause == null ? null : cause.getMessage();
    return message == null ? String.valueOf(cause) : message;
  }
}
