package dev.caravan.camel.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.spool.SeenMail;
import java.time.Instant;

/** A waiting mail as JSON. What is empty is left out, but for what every mail has. */
final class MailJson {
  private MailJson() {}

  static ObjectNode of(SeenMail mail, String why) {
    ObjectNode json = ApiAnswer.JSON.createObjectNode();
    json.put("id", mail.id());
    json.put("queue", mail.queue());
    mail.state().ifPresent(state -> json.put("state", state.toString()));
    json.put("from", mail.from());
    ArrayNode to = json.putArray("to");
    for (String recipient : mail.to().split(",", -1)) {
      if (!recipient.isEmpty()) {
        to.add(recipient);
      }
    }
    json.put("site", mail.site());
    json.put("attempts", mail.attempts());
    json.put("queuedAt", Instant.ofEpochMilli(mail.queuedAt()).toString());
    if (mail.size() >= 0) {
      json.put("size", mail.size());
    }
    if (mail.retryAt() > 0) {
      json.put("nextAttempt", Instant.ofEpochMilli(mail.retryAt()).toString());
    }
    if (mail.holdUntil() > 0) {
      json.put("holdUntil", Instant.ofEpochMilli(mail.holdUntil()).toString());
    }
    text(json, "lastReply", mail.lastReply());
    text(json, "user", mail.user());
    text(json, "source", mail.source());
    json.put("inHand", mail.inHand());
    json.put("why", why);
    return json;
  }

  private static void text(ObjectNode json, String name, String value) {
    if (!value.isEmpty()) {
      json.put(name, value);
    }
  }
}
