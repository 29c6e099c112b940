package dev.caravan.camel.http;

import static dev.caravan.camel.http.ApiAnswer.JSON;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.RecentMails;
import dev.caravan.camel.broker.MessageBody;
import dev.caravan.camel.spool.Operations;
import dev.caravan.camel.spool.SeenMail;
import dev.caravan.camel.spool.SpoolComponent;
import dev.caravan.delivery.SmarthostTable;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.Header;
import dev.caravan.queue.Order;
import dev.caravan.queue.Selection;
import dev.caravan.traffic.Traffic;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waiting mail for operators: {@code /api/mails}. */
public final class MailApi {
  private static final Logger LOG = LoggerFactory.getLogger(MailApi.class);
  private static final int LIMIT = 100;
  private static final int LIMIT_MAX = 1_000_000;
  private static final Set<String> PAGING = Set.of("limit", "after");
  private static final Set<String> ORDER = Set.of("dryRun", "all", "reason", "via");

  private final Traffic traffic;
  private final RecentMails recent;
  private final SmarthostTable smarthosts;

  public MailApi(Traffic traffic, RecentMails recent, SmarthostTable smarthosts) {
    this.traffic = traffic;
    this.recent = recent;
    this.smarthosts = smarthosts;
  }

  private static Operations operations(Exchange exchange) {
    return exchange.getContext().getComponent("spool", SpoolComponent.class).operations();
  }

  private WhyWaiting why() {
    return new WhyWaiting(traffic.report(), Instant.now());
  }

  /** {@code GET /api/mails}: the mails that the conditions of the query choose. */
  public void list(Exchange exchange) {
    ApiRequest request = ApiRequest.of(exchange);
    Map<String, List<String>> conditions = new HashMap<>(request.query());
    conditions.keySet().removeAll(PAGING);
    Selection selection = Selection.of(conditions, true);
    long limit = number("limit", request.one("limit", "" + LIMIT), 1, LIMIT_MAX);
    long after = number("after", request.one("after", "0"), 0, Long.MAX_VALUE);
    Operations operations = operations(exchange);
    WhyWaiting why = why();
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange
        .getMessage()
        .setBody(StreamedBody.of(out -> list(operations, selection, after, limit, why, out)));
  }

  private static void list(
      Operations operations,
      Selection selection,
      long after,
      long limit,
      WhyWaiting why,
      OutputStream out)
      throws Exception {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("mails");
      long[] seen = {0};
      IOException[] failure = new IOException[1];
      String error = "";
      try {
        operations.list(
            selection,
            mail -> {
              if (++seen[0] > after && seen[0] - after <= limit) {
                try {
                  json.writeTree(MailJson.of(mail, why.of(mail)));
                } catch (IOException e) {
                  failure[0] = e;
                }
              }
              return failure[0] == null && seen[0] - after <= limit;
            });
      } catch (Exception e) {
        LOG.warn("the list of mails is cut off: {}", e.toString(), e);
        error = ApiAnswer.sentence(e);
      }
      if (failure[0] != null) {
        throw failure[0];
      }
      json.writeEndArray();
      if (seen[0] - after > limit) {
        json.writeNumberField("next", after + limit);
      }
      if (!error.isEmpty()) {
        json.writeStringField("error", error);
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static long number(String name, String text, long min, long max) {
    if (text.matches("\\d{1,18}")) {
      long n = Long.parseLong(text);
      if (n >= min && n <= max) {
        return n;
      }
    }
    throw new IllegalArgumentException(
        "'" + name + "' is a number from " + min + " to " + max + ", not '" + text + "'");
  }

  /** {@code GET /api/mails/ID}: where it waits and why, its header, and what became of it. */
  public void show(Exchange exchange) throws Exception {
    String id = id(exchange);
    WhyWaiting why = why();
    ObjectNode answer = JSON.createObjectNode().put("id", id);
    ArrayNode waiting = answer.putArray("waiting");
    List<Header> headers = new ArrayList<>();
    each(
        exchange,
        id,
        (queue, message, inHand) -> {
          SeenMail mail = SeenMail.of(queue, inHand, message);
          ObjectNode one = MailJson.of(mail, why.of(mail));
          ArrayNode history = one.putArray("history");
          mail.history().forEach(history::add);
          waiting.add(one);
          if (headers.isEmpty()) {
            headers.add(MessageBody.header(message));
          }
          return true;
        });
    ArrayNode fields = answer.putArray("header");
    headers.forEach(
        header ->
            header
                .fields()
                .forEach(
                    field ->
                        fields.addObject().put("name", field.name()).put("value", field.value())));
    RecentMails.Story story = recent.of(id);
    ArrayNode events = answer.putArray("events");
    for (MailEvent event : story.events()) {
      events.add(JSON.readTree(event.toJson()));
    }
    ArrayNode transcript = answer.putArray("transcript");
    story.transcript().forEach(transcript::add);
    if (waiting.isEmpty() && events.isEmpty()) {
      throw new ApiAnswer.NotFoundException(
          "no mail "
              + id
              + " is here, and it is none of the last "
              + recent.max()
              + " that were; the log has its events");
    }
    ApiAnswer.json(exchange, 200, answer);
  }

  private static void each(Exchange exchange, String id, Operations.Look look) throws Exception {
    operations(exchange).show(Selection.of(Map.of("id", List.of(id)), false), look);
  }

  private static String id(Exchange exchange) {
    return new dev.caravan.mail.MailId(ApiRequest.of(exchange).part(1)).value();
  }

  /** {@code GET /api/mails/ID/content}: the message as it waits. */
  public void content(Exchange exchange) throws Exception {
    String id = id(exchange);
    boolean[] found = {false};
    each(
        exchange,
        id,
        (queue, message, inHand) -> {
          found[0] = true;
          return false;
        });
    if (!found[0]) {
      throw new ApiAnswer.NotFoundException("no mail " + id + " waits here");
    }
    Operations operations = operations(exchange);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "message/rfc822");
    exchange
        .getMessage()
        .setBody(
            StreamedBody.of(
                out -> {
                  boolean[] written = {false};
                  operations.show(
                      Selection.of(Map.of("id", List.of(id)), false),
                      (queue, message, inHand) -> {
                        if (!written[0]) {
                          written[0] = true;
                          MessageBody.writeTo(message, out, Long.MAX_VALUE);
                        }
                        return false;
                      });
                }));
  }

  /**
   * {@code POST /api/mails/COMMAND}: a JSON object with the conditions of the selection ({@code
   * site}, {@code from} …, each a text or a list), {@code all}, {@code reason}, {@code via}, and
   * {@code dryRun}. The answer is lines of JSON, padded with spaces, for progress; the last one has
   * {@code done}: true.
   */
  public void act(Exchange exchange) throws Exception {
    Order.Command command = Order.Command.of(ApiRequest.of(exchange).part(1));
    JsonNode body = ApiAnswer.object(exchange);
    Order order = new Order(command, body.path("reason").asText(""), body.path("via").asText(""));
    order.viaName().ifPresent(this::checkSmarthost);
    Selection selection = selection(body);
    if (selection.isNothing()) {
      throw new IllegalArgumentException(
          "no mail is chosen; give one of "
              + String.join(", ", Selection.CONDITIONS)
              + ", or \"all\": true");
    }
    Operations operations = operations(exchange);
    if (body.path("dryRun").asBoolean(false)) {
      ApiAnswer.json(exchange, 200, json(operations.count(order, selection)));
      return;
    }
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/x-ndjson");
    exchange
        .getMessage()
        .setBody(StreamedBody.ofLongWork(out -> act(operations, order, selection, out)));
  }

  private void checkSmarthost(String name) {
    if (smarthosts.siteOf(name).isEmpty()) {
      List<String> names = smarthosts.names();
      throw new IllegalArgumentException(
          "there is no smarthost '"
              + name
              + "'; "
              + (names.isEmpty() ? "" : "there are " + String.join(", ", names) + "; ")
              + "a server of no name is written HOST:PORT");
    }
  }

  private static void act(Operations operations, Order order, Selection selection, OutputStream out)
      throws IOException {
    ObjectNode end;
    try {
      end =
          json(
              operations.act(
                  order,
                  selection,
                  n -> {
                    try {
                      line(out, JSON.createObjectNode().put("mails", n).put("done", false));
                    } catch (IOException e) {
                      // Who asked has gone; what was ordered is done all the same.
                      LOG.debug("progress that nobody reads", e);
                    }
                  }));
      end.put("done", true);
    } catch (Exception e) {
      LOG.warn("{} was not done, or not for all: {}", order.command(), e.toString(), e);
      end = JSON.createObjectNode().put("error", ApiAnswer.sentence(e));
    }
    line(out, end);
  }

  /** As long as what the server collects before it sends, so that it is sent now. */
  private static void line(OutputStream out, JsonNode json) throws IOException {
    byte[] text = JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    int buffers = text.length / StreamedBody.SERVER_BUFFER + 1;
    byte[] padded = new byte[buffers * StreamedBody.SERVER_BUFFER];
    java.util.Arrays.fill(padded, (byte) ' ');
    System.arraycopy(text, 0, padded, 0, text.length);
    padded[padded.length - 1] = '\n';
    out.write(padded);
  }

  private static ObjectNode json(Operations.Count count) {
    ObjectNode json = JSON.createObjectNode();
    json.put("mails", count.mails());
    json.put("inDelivery", count.inHand());
    if (!count.hint().isEmpty()) {
      json.put("hint", count.hint());
    }
    return json;
  }

  private static Selection selection(JsonNode body) {
    Map<String, List<String>> conditions = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : body.properties()) {
      if (!ORDER.contains(field.getKey())) {
        List<String> values = new ArrayList<>();
        if (field.getValue().isArray()) {
          field.getValue().forEach(value -> values.add(value.asText()));
        } else {
          values.add(field.getValue().asText());
        }
        conditions.put(field.getKey(), values);
      }
    }
    return Selection.of(conditions, body.path("all").asBoolean(false));
  }
}
