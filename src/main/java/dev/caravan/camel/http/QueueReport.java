package dev.caravan.camel.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.Choice;
import dev.caravan.camel.broker.QueueDepth;
import dev.caravan.camel.broker.WaitingMail;
import java.time.Clock;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits, by queue and site. A queue is browsed from its head up to a bound; what is beyond it
 * is counted without a site.
 */
public final class QueueReport {
  private static final Logger LOG = LoggerFactory.getLogger(QueueReport.class);
  private static final int BROWSED_MAX = 10_000;
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private static final class Tally {
    long count;
    long oldest = Long.MAX_VALUE;
  }

  /** A JSON list: queue, site, count, oldestSeconds. */
  public void list(Exchange exchange) throws JsonProcessingException {
    Broker broker = exchange.getContext().getRegistry().findSingleByType(Broker.class);
    ArrayNode rows = JSON.createArrayNode();
    if (broker != null) {
      for (QueueDepth depth :
          broker.depths().stream().sorted(Comparator.comparing(QueueDepth::queue)).toList()) {
        report(broker, depth, rows);
      }
    }
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange.getMessage().setBody(JSON.writeValueAsString(rows));
  }

  private static void report(Broker broker, QueueDepth depth, ArrayNode rows) {
    Map<String, Tally> sites = new TreeMap<>();
    long[] browsed = {0};
    try {
      broker.browse(
          depth.queue(),
          Choice.ALL,
          (message, inHand) -> {
            tally(sites, WaitingMail.of(message));
            return ++browsed[0] < BROWSED_MAX;
          });
    } catch (Exception e) {
      LOG.warn("{} can't be browsed: {}", depth.queue(), e.toString());
    }
    long now = Clock.systemUTC().millis();
    sites.forEach((site, tally) -> row(rows, depth.queue(), site, tally.count, now - tally.oldest));
    if (sites.isEmpty() || depth.count() > browsed[0]) {
      row(rows, depth.queue(), "", Math.max(0, depth.count() - browsed[0]), 0);
    }
  }

  private static void tally(Map<String, Tally> sites, WaitingMail mail) {
    Tally tally = sites.computeIfAbsent(mail.site(), s -> new Tally());
    tally.count++;
    tally.oldest = Math.min(tally.oldest, mail.since());
  }

  private static void row(ArrayNode rows, String queue, String site, long count, long oldest) {
    ObjectNode row = rows.addObject();
    row.put("queue", queue);
    row.put("site", site);
    row.put("count", count);
    row.put("oldestSeconds", Math.max(0, oldest / 1000));
  }
}
