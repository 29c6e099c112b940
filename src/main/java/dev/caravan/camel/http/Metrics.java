package dev.caravan.camel.http;

import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.QueueDepth;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.Exchange;

/** The metrics in Prometheus' text format. */
public final class Metrics {
  public void scrape(Exchange exchange) {
    PrometheusMeterRegistry registry =
        exchange.getContext().getRegistry().findSingleByType(PrometheusMeterRegistry.class);
    StringBuilder text = new StringBuilder(registry == null ? "" : registry.scrape());
    Broker broker = exchange.getContext().getRegistry().findSingleByType(Broker.class);
    if (broker != null) {
      text.append("# HELP caravan_queue_messages Messages in a queue\n");
      text.append("# TYPE caravan_queue_messages gauge\n");
      for (QueueDepth depth : broker.depths()) {
        text.append("caravan_queue_messages{queue=\"")
            .append(depth.queue())
            .append("\"} ")
            .append(depth.count())
            .append('\n');
      }
    }
    exchange.getMessage().removeHeaders("*");
    exchange
        .getMessage()
        .setHeader(Exchange.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    exchange.getMessage().setBody(text.toString());
  }
}
