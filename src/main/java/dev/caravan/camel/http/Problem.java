package dev.caravan.camel.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.mail.SmtpReply;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why a request was refused, as {@code application/problem+json} (RFC 9457).
 *
 * @param status of HTTP
 * @param reply the same in the words of SMTP
 * @param field the place in the JSON (RFC 6901); empty when it is none
 * @param retryAfterSeconds 0 = not said
 */
public record Problem(int status, SmtpReply reply, String field, int retryAfterSeconds) {
  private static final int SOON_SECONDS = 5;
  private static final int LATER_SECONDS = 60;

  /** A request that is wrong itself. */
  public static Problem of(int status, String enhanced, String sentence) {
    int code = enhanced.startsWith("4") ? 450 : 554;
    int retry = status == 503 || status == 429 ? SOON_SECONDS : 0;
    return new Problem(status, SmtpReply.of(code, enhanced, sentence), "", retry);
  }

  /** A JSON that no mail can be made of. */
  public static Problem ofJson(SmtpReply reply, String field) {
    return new Problem(reply.status().toString().equals("5.3.4") ? 413 : 400, reply, field, 0);
  }

  /** What a rule said of the mail. */
  public static Problem ofRule(SmtpReply reply) {
    if (reply.isTemporary()) {
      boolean rate = reply.status().toString().equals("4.7.1");
      return new Problem(rate ? 429 : 503, reply, "", LATER_SECONDS);
    }
    return switch (reply.status().toString()) {
      case "5.3.4", "5.2.3" -> new Problem(413, reply, "", 0);
      case String code when code.startsWith("5.7.") -> new Problem(403, reply, "", 0);
      default -> new Problem(422, reply, "", 0);
    };
  }

  private String title() {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 408 -> "Request Timeout";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      default -> "Service Unavailable";
    };
  }

  /** Header fields that belong to it. */
  public Map<String, String> headers() {
    Map<String, String> headers = new TreeMap<>();
    if (status == 401) {
      headers.put("WWW-Authenticate", "Bearer realm=\"caravan\", Basic realm=\"caravan\"");
    }
    if (retryAfterSeconds > 0) {
      headers.put("Retry-After", Integer.toString(retryAfterSeconds));
    }
    return headers;
  }

  /** As JSON. */
  public ObjectNode json() {
    ObjectNode json =
        ApiAnswer.JSON
            .createObjectNode()
            .put("type", "about:blank")
            .put("title", title())
            .put("status", status)
            .put("detail", reply.text())
            .put("code", reply.status().toString())
            .put("reply", reply.toString());
    return field.isEmpty() ? json : json.put("field", field);
  }
}
