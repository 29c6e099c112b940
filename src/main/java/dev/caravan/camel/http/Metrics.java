package dev.caravan.camel.http;

import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.QueueDepth;
import dev.caravan.traffic.SiteReport;
import dev.caravan.traffic.Traffic;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;

/** The metrics in Prometheus' text format. */
public final class Metrics {
  private final SiteMetrics sites;
  private final SourceMetrics sources;

  /**
   * @param sitesMax how many sites have metrics by name
   * @param sourcesMax how many of our sources have metrics by name at each of these
   */
  public Metrics(int sitesMax, int sourcesMax) {
    this.sites = new SiteMetrics(sitesMax);
    this.sources = new SourceMetrics(sitesMax, sourcesMax);
  }

  public void scrape(Exchange exchange) {
    PrometheusMeterRegistry registry =
        exchange.getContext().getRegistry().findSingleByType(PrometheusMeterRegistry.class);
    StringBuilder text = new StringBuilder(registry == null ? "" : registry.scrape());
    Broker broker = exchange.getContext().getRegistry().findSingleByType(Broker.class);
    if (broker != null) {
      text.append("# HELP caravan_queue_messages Messages in a queue\n");
      text.append("# TYPE caravan_queue_messages gauge\n");
      Map<String, Long> depths = new HashMap<>();
      for (QueueDepth depth : broker.depths()) {
        depths.put(depth.queue(), depth.count());
        text.append("caravan_queue_messages{queue=\"")
            .append(depth.queue())
            .append("\"} ")
            .append(depth.count())
            .append('\n');
      }
      Traffic traffic = exchange.getContext().getRegistry().findSingleByType(Traffic.class);
      if (traffic != null) {
        List<SiteReport> reports = traffic.report();
        text.append(sites.text(reports, depths)).append(sources.text(reports));
      }
    }
    exchange.getMessage().removeHeaders("*");
    exchange
        .getMessage()
        .setHeader(Exchange.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    exchange.getMessage().setBody(text.toString());
  }
}
