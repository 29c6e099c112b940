package dev.caravan.camel.http;

import static dev.caravan.camel.http.ApiAnswer.JSON;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.spool.SpoolComponent;
import dev.caravan.mail.Durations;
import dev.caravan.queue.MailState;
import dev.caravan.queue.Selection;
import dev.caravan.traffic.Rate;
import dev.caravan.traffic.SiteOrder;
import dev.caravan.traffic.SiteReport;
import dev.caravan.traffic.SourceReport;
import dev.caravan.traffic.Traffic;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the sites are doing, and what operators order for them: {@code /api/sites}. */
public final class SiteApi {
  private static final Logger LOG = LoggerFactory.getLogger(SiteApi.class);
  private static final int NAME_MAX = 300;
  private static final int WHY_MAX = 200;
  private static final int CONCURRENCY_MAX = 100_000;
  private static final Map<String, Set<String>> COMMANDS =
      Map.of(
          "suspend", Set.of("for", "why"),
          "resume", Set.of(),
          "limit", Set.of("concurrency", "rate", "clear"));

  private final Traffic traffic;

  public SiteApi(Traffic traffic) {
    this.traffic = traffic;
  }

  /** {@code GET /api/sites}: those that had mail lately or have an order, on this node. */
  public void list(Exchange exchange) {
    ApiRequest request = ApiRequest.of(exchange);
    if (!Set.of("state").containsAll(request.query().keySet())) {
      throw new IllegalArgumentException("there is no condition but 'state'");
    }
    String state = request.one("state", "");
    List<SiteReport> reports =
        traffic.report().stream()
            .filter(report -> state.isEmpty() || state.equals(report.state()))
            .toList();
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange
        .getMessage()
        .setBody(
            StreamedBody.of(
                out -> {
                  try (JsonGenerator json = JSON.createGenerator(out)) {
                    json.writeStartArray();
                    for (SiteReport report : reports) {
                      json.writeTree(json(report));
                    }
                    json.writeEndArray();
                    json.writeRaw('\n');
                  }
                }));
  }

  /** {@code GET /api/sites/SITE}: the same, with how many mails wait for it, by their state. */
  public void show(Exchange exchange) throws Exception {
    String site = site(exchange);
    ObjectNode json = json(traffic.report(site));
    Map<MailState, Integer> waiting = new EnumMap<>(MailState.class);
    exchange
        .getContext()
        .getComponent("spool", SpoolComponent.class)
        .operations()
        .list(
            Selection.of(Map.of("site", List.of(site)), false),
            mail -> {
              mail.state().ifPresent(state -> waiting.merge(state, 1, Integer::sum));
              return true;
            });
    ObjectNode counts = json.putObject("mails");
    waiting.forEach((state, count) -> counts.put(state.toString(), count));
    ApiAnswer.json(exchange, 200, json);
  }

  /** {@code POST /api/sites/SITE/COMMAND}: suspend, resume or limit; it holds over a restart. */
  public void act(Exchange exchange) throws Exception {
    String site = site(exchange);
    String command = ApiRequest.of(exchange).part(2);
    Set<String> known = COMMANDS.get(command);
    if (known == null) {
      throw new IllegalArgumentException(
          "there is no command '" + command + "'; there are suspend, resume, limit");
    }
    JsonNode body = ApiAnswer.object(exchange);
    body.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw new IllegalArgumentException(command + " knows no '" + name + "'");
              }
            });
    switch (command) {
      case "suspend" -> suspend(site, body);
      case "resume" -> traffic.resume(site);
      default -> limit(site, body);
    }
    LOG.info("by an operator: {} {} {}", command, site, body);
    ApiAnswer.json(exchange, 200, json(traffic.report(site)));
  }

  private void suspend(String site, JsonNode body) {
    String why = body.path("why").asText("");
    if (why.length() > WHY_MAX || why.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("'why' is one line of at most " + WHY_MAX + " characters");
    }
    String time = body.path("for").asText("");
    if (time.isEmpty()) {
      traffic.suspend(site, why);
    } else {
      traffic.suspend(site, Durations.parse(time), why);
    }
  }

  /** What is not given stays as it was ordered before. */
  private void limit(String site, JsonNode body) {
    if (body.path("clear").asBoolean(false)) {
      traffic.limit(site, OptionalInt.empty(), Optional.empty());
      return;
    }
    if (!body.has("concurrency") && !body.has("rate")) {
      throw new IllegalArgumentException("limit needs 'concurrency' or 'rate', or 'clear'");
    }
    SiteOrder before = traffic.report(site).order();
    OptionalInt concurrency = before.concurrency();
    if (body.has("concurrency")) {
      JsonNode number = body.path("concurrency");
      if (!number.isInt() || number.asInt() < 1 || number.asInt() > CONCURRENCY_MAX) {
        throw new IllegalArgumentException("'concurrency' is a number from 1 to 100000");
      }
      concurrency = OptionalInt.of(number.asInt());
    }
    traffic.limit(
        site,
        concurrency,
        body.has("rate") ? Optional.of(Rate.parse(body.path("rate").asText())) : before.rates());
  }

  private static String site(Exchange exchange) {
    String site = ApiRequest.of(exchange).part(1);
    if (site.isBlank()
        || site.length() > NAME_MAX
        || site.chars().anyMatch(c -> Character.isISOControl(c) || Character.isWhitespace(c))) {
      throw new IllegalArgumentException("that is no site");
    }
    return site;
  }

  private static ObjectNode json(SourceReport source) {
    ObjectNode json = JSON.createObjectNode();
    json.put("source", source.source());
    json.put("name", source.name());
    json.put("state", source.state());
    json.put("inFlight", source.inFlight());
    json.put("concurrency", source.concurrency());
    if (source.todayMax().isPresent()) {
      json.put("today", source.today());
      json.put("todayMax", source.todayMax().getAsLong());
    }
    json.put("why", source.why());
    json.put("againSeconds", source.againNanos() / 1_000_000_000L);
    return json;
  }

  private static ObjectNode json(SiteReport report) {
    ObjectNode json = JSON.createObjectNode();
    json.put("site", report.site());
    json.put("state", report.state());
    json.put("inFlight", report.inFlight());
    json.put("concurrency", report.concurrency());
    json.put("concurrencyMax", report.concurrencyMax());
    ArrayNode rates = json.putArray("rates");
    report.rates().forEach(rates::add);
    json.put("lastTrouble", report.lastTrouble());
    json.put("why", report.why());
    if (report.againNanos() < Long.MAX_VALUE) {
      json.put("againSeconds", report.againNanos() / 1_000_000_000L);
    }
    if (!report.sources().isEmpty()) {
      ArrayNode sources = json.putArray("sources");
      report.sources().forEach(source -> sources.add(json(source)));
    }
    SiteOrder order = report.order();
    if (!order.equals(SiteOrder.NONE)) {
      ObjectNode ordered = json.putObject("order");
      order
          .suspension()
          .ifPresent(
              suspension -> {
                ordered.put("suspended", true);
                suspension.until().ifPresent(until -> ordered.put("until", until.toString()));
                ordered.put("why", suspension.why());
              });
      order.concurrency().ifPresent(n -> ordered.put("concurrency", n));
      order
          .rates()
          .ifPresent(
              all ->
                  ordered.put("rate", String.join(",", all.stream().map(Rate::toString).toList())));
    }
    return json;
  }
}
