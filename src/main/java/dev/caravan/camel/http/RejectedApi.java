package dev.caravan.camel.http;

import static dev.caravan.camel.http.ApiAnswer.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.Choice;
import dev.caravan.camel.broker.MessageBody;
import dev.caravan.camel.broker.Receiving;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Selector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Submissions that were no mail, for operators: {@code /api/rejected}. */
public final class RejectedApi {
  private static final Logger LOG = LoggerFactory.getLogger(RejectedApi.class);
  private static final int LIMIT = 100;
  private static final int LIMIT_MAX = 10_000;
  private static final int IDS_MAX = 1_000;
  private static final int BODY_SHOWN = 64 * 1024;
  private static final int BATCH = 100;
  private static final String ID = "rejectId";

  /** Those of these names, or all. */
  private record Named(Set<String> ids) implements Choice {
    @Override
    public Selector selector() {
      return new Selector(
          ids.isEmpty() ? "" : ids.stream().collect(Collectors.joining("','", ID + " IN ('", "')")),
          true);
    }

    @Override
    public boolean test(Message message) {
      return ids.isEmpty() || ids.contains(id(message));
    }
  }

  private static Broker broker(Exchange exchange) {
    return exchange.getContext().getRegistry().findSingleByType(Broker.class);
  }

  /** Of a message that expired before it was read there is no name of ours. */
  private static String id(Message message) {
    String id = text(message, ID);
    return id.isEmpty() ? Long.toString(message.getMessageID()) : id;
  }

  private static String text(Message message, String name) {
    Object value = message.getObjectProperty(name);
    return value == null ? "" : value.toString();
  }

  /** {@code GET /api/rejected}: the first {@code limit} of them, from the oldest. */
  public void list(Exchange exchange) throws Exception {
    String limit = ApiRequest.of(exchange).one("limit", "" + LIMIT);
    if (!limit.matches("\\d{1,5}") || Integer.parseInt(limit) > LIMIT_MAX) {
      throw new IllegalArgumentException("'limit' is a number from 0 to " + LIMIT_MAX);
    }
    int max = Integer.parseInt(limit);
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode all = answer.putArray("rejected");
    boolean[] more = {false};
    broker(exchange)
        .browse(
            QueueNames.REJECTED,
            Choice.ALL,
            (message, inHand) -> {
              more[0] = all.size() >= max;
              if (!more[0]) {
                all.add(json(message));
              }
              return !more[0];
            });
    answer.put("more", more[0]);
    ApiAnswer.json(exchange, 200, answer);
  }

  private static ObjectNode json(Message message) {
    String at = text(message, "rejectedAt");
    long millis = at.matches("\\d{1,15}") ? Long.parseLong(at) : message.getTimestamp();
    String reason = text(message, "rejectReason");
    return JSON.createObjectNode()
        .put("id", id(message))
        .put("at", Instant.ofEpochMilli(millis).toString())
        .put("code", text(message, "rejectCode"))
        .put("reason", reason.isEmpty() ? "it expired before it was read" : reason)
        .put("application", text(message, Broker.SUBMITTED_BY));
  }

  /** {@code GET /api/rejected/ID}: the same with its properties and the beginning of its body. */
  public void show(Exchange exchange) throws Exception {
    String id = name(ApiRequest.of(exchange).part(1));
    List<ObjectNode> found = new ArrayList<>();
    broker(exchange)
        .browse(
            QueueNames.REJECTED,
            new Named(Set.of(id)),
            (message, inHand) -> {
              found.add(whole(message));
              return false;
            });
    if (found.isEmpty()) {
      throw new ApiAnswer.NotFoundException("no submission " + id + " was rejected");
    }
    ApiAnswer.json(exchange, 200, found.getFirst());
  }

  private static ObjectNode whole(Message message) throws IOException {
    ObjectNode one = json(message);
    ObjectNode properties = one.putObject("properties");
    for (String name : new TreeSet<>(names(message))) {
      if (!name.startsWith("_") && !name.startsWith("reject") && !name.startsWith("JMS")) {
        properties.put(name, text(message, name));
      }
    }
    return one.put("body", body(message));
  }

  private static String body(Message message) throws IOException {
    ICoreMessage core = message.toCore();
    if (core.getType() == Message.TEXT_TYPE && !message.isLargeMessage()) {
      SimpleString text = core.getReadOnlyBodyBuffer().readNullableSimpleString();
      String all = text == null ? "" : text.toString();
      return all.substring(0, Math.min(all.length(), BODY_SHOWN));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    MessageBody.writeTo(message, body, BODY_SHOWN);
    return body.toString(StandardCharsets.UTF_8);
  }

  private static Set<String> names(Message message) {
    return message.getPropertyNames().stream()
        .map(SimpleString::toString)
        .collect(Collectors.toSet());
  }

  /**
   * {@code POST /api/rejected/replay} and {@code delete}: a JSON object with {@code id}, a text or
   * a list, or {@code all}: true. The answer says how many.
   */
  public void act(Exchange exchange) throws Exception {
    String command = ApiRequest.of(exchange).part(1);
    JsonNode body = ApiAnswer.object(exchange);
    Set<String> ids = new TreeSet<>();
    if (body.path("id").isArray()) {
      body.path("id").forEach(id -> ids.add(name(id.asText())));
    } else if (body.has("id")) {
      ids.add(name(body.path("id").asText()));
    }
    if (ids.isEmpty() != body.path("all").asBoolean(false) || ids.size() > IDS_MAX) {
      throw new IllegalArgumentException(
          "give 'id', at most " + IDS_MAX + " of them, or \"all\": true");
    }
    Named named = new Named(Set.copyOf(ids));
    long done =
        switch (command) {
          case "replay" -> replay(broker(exchange), named);
          case "delete" -> delete(broker(exchange), named);
          default -> throw new IllegalArgumentException("there are replay and delete");
        };
    LOG.info("by an operator: {} rejected submissions: {}", command, done);
    ApiAnswer.json(exchange, 200, JSON.createObjectNode().put("mails", done).put("done", true));
  }

  /** Those that are refused again stand behind those that were there before. */
  private static long replay(Broker broker, Named named) throws ActiveMQException {
    long all = broker.use(QueueNames.REJECTED).messages();
    return all == 0
        ? 0
        : broker.move(
            QueueNames.REJECTED,
            QueueNames.SUBMIT,
            named,
            (int) Math.min(Integer.MAX_VALUE, named.ids().isEmpty() ? all : named.ids().size()));
  }

  private static long delete(Broker broker, Named named) throws ActiveMQException {
    long deleted = 0;
    String selector = named.selector().text();
    try (ClientSessionFactory connection = broker.connect();
        ClientSession session = broker.session(connection, true)) {
      session.start();
      long max = broker.use(QueueNames.REJECTED).messages();
      try (ClientConsumer consumer =
          session.createConsumer(
              SimpleString.of(QueueNames.REJECTED),
              selector.isEmpty() ? null : SimpleString.of(selector))) {
        for (ClientMessage message = Receiving.next(consumer);
            message != null && deleted < max;
            message = Receiving.next(consumer)) {
          message.acknowledge();
          if (++deleted % BATCH == 0) {
            session.commit();
          }
        }
        session.commit();
      }
    }
    return deleted;
  }

  /** Ours have letters and digits only, so that they can stand in a selector. */
  private static String name(String id) {
    return new dev.caravan.mail.MailId(id).value();
  }
}
