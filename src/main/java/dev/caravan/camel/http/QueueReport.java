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
import dev.caravan.mail.Durations;
import dev.caravan.queue.QueueNames;
import java.time.Clock;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits, by queue and site. How much is in a queue the broker knows; for whom it is, only the
 * mails: a few at the head of each queue are looked at, within a time for all queues. What is
 * beyond them is counted without a site, but in a lane whose head is of one site only, its own.
 */
public final class QueueReport {
  private static final Logger LOG = LoggerFactory.getLogger(QueueReport.class);
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final int sample;
  private final long nanos;

  /**
   * @param sample mails that are looked at in each queue
   * @param time for all queues together; the next queues are only counted
   */
  public QueueReport(int sample, String time) {
    this.sample = sample;
    this.nanos = Durations.parse(time).toNanos();
  }

  private static final class Tally {
    long count;
    long oldest = Long.MAX_VALUE;
  }

  /**
   * A JSON list: queue, site, count, oldestSeconds; and sample where not all mails of the queue
   * were looked at: how many were.
   */
  public void list(Exchange exchange) throws JsonProcessingException {
    Broker broker = exchange.getContext().getRegistry().findSingleByType(Broker.class);
    ArrayNode rows = JSON.createArrayNode();
    if (broker != null) {
      long end = System.nanoTime() + nanos;
      for (QueueDepth depth :
          broker.depths().stream().sorted(Comparator.comparing(QueueDepth::queue)).toList()) {
        report(broker, depth, end, rows);
      }
    }
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange.getMessage().setBody(JSON.writeValueAsString(rows));
  }

  private void report(Broker broker, QueueDepth depth, long end, ArrayNode rows) {
    Map<String, Tally> sites = new TreeMap<>();
    long looked = depth.count() == 0 ? 0 : look(broker, depth.queue(), end, sites);
    long now = Clock.systemUTC().millis();
    long beyond = Math.max(0, depth.count() - looked);
    if (beyond == 0) {
      looked = 0;
    } else if (isLaneOf(depth.queue(), sites.keySet())) {
      sites.values().forEach(tally -> tally.count = depth.count());
      beyond = 0;
    }
    for (Map.Entry<String, Tally> site : sites.entrySet()) {
      Tally tally = site.getValue();
      row(rows, depth.queue(), site.getKey(), tally.count, now - tally.oldest, looked);
    }
    if (sites.isEmpty() || beyond > 0) {
      row(rows, depth.queue(), "", beyond, 0, looked);
    }
  }

  /** How many were looked at. */
  private long look(Broker broker, String queue, long end, Map<String, Tally> sites) {
    long[] looked = {0};
    if (sample == 0 || isOver(end)) {
      return 0;
    }
    try {
      broker.browse(
          queue,
          Choice.ALL,
          (message, inHand) -> {
            tally(sites, WaitingMail.of(message));
            return ++looked[0] < sample && !isOver(end);
          });
    } catch (Exception e) {
      LOG.warn("{} can't be browsed: {}", queue, e.toString());
    }
    return looked[0];
  }

  private static boolean isOver(long end) {
    return System.nanoTime() - end > 0;
  }

  private static boolean isLaneOf(String queue, Set<String> sites) {
    return queue.startsWith(QueueNames.LANE_PREFIX)
        && sites.size() == 1
        && QueueNames.lane(sites.iterator().next()).equals(queue);
  }

  private static void tally(Map<String, Tally> sites, WaitingMail mail) {
    Tally tally = sites.computeIfAbsent(mail.site(), s -> new Tally());
    tally.count++;
    tally.oldest = Math.min(tally.oldest, mail.since());
  }

  private static void row(
      ArrayNode rows, String queue, String site, long count, long oldest, long sample) {
    ObjectNode row = rows.addObject();
    row.put("queue", queue);
    row.put("site", site);
    row.put("count", count);
    row.put("oldestSeconds", Math.max(0, oldest / 1000));
    if (sample > 0) {
      row.put("sample", sample);
    }
  }
}
