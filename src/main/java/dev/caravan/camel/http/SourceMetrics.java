package dev.caravan.camel.http;

import dev.caravan.traffic.SiteReport;
import dev.caravan.traffic.SourceReport;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * Our sources at the sites in Prometheus' text format, {@code caravan_source_…}: some by name, all
 * others together as {@code other}. Nothing where nobody minds the source.
 */
final class SourceMetrics {
  private static final String OTHER = "other";

  private final int sitesMax;
  private final int sourcesMax;

  SourceMetrics(int sitesMax, int sourcesMax) {
    this.sitesMax = sitesMax;
    this.sourcesMax = sourcesMax;
  }

  /** What is shown of a source at a site, or of all others. */
  private static final class Row {
    long inFlight;
    long concurrency;
    long down;
    long leftOut;
    long waiting;
    long today;

    void add(SourceReport report) {
      inFlight += report.inFlight();
      concurrency += report.concurrency();
      down += report.state().equals("down") ? 1 : 0;
      leftOut += report.state().equals("left-out") ? 1 : 0;
      waiting += report.state().equals("waiting") ? 1 : 0;
      today += report.today();
    }
  }

  String text(List<SiteReport> reports) {
    Map<String, Row> rows = new TreeMap<>();
    Set<String> named = new HashSet<>();
    reports.stream()
        .filter(report -> !report.sources().isEmpty())
        .sorted(
            Comparator.comparingLong((SiteReport report) -> -report.counts().total())
                .thenComparing(SiteReport::site))
        .forEach(
            report -> {
              boolean isNamed = named.size() < sitesMax && named.add(report.site());
              String site = isNamed ? report.site() : OTHER;
              int n = 0;
              for (SourceReport source : report.sources()) {
                String name = n++ < sourcesMax ? source.source() : OTHER;
                rows.computeIfAbsent(labels(site, name), l -> new Row()).add(source);
              }
            });
    if (rows.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    gauge(text, rows, "in_flight", "Deliveries now", row -> row.inFlight);
    gauge(text, rows, "concurrency", "Deliveries that it may have now", row -> row.concurrency);
    gauge(text, rows, "down", "It does not get through to the site", row -> row.down);
    gauge(text, rows, "left_out", "A response rule has left it out", row -> row.leftOut);
    gauge(text, rows, "waiting", "Its warm-up allows no more now", row -> row.waiting);
    gauge(text, rows, "warm_up_today", "Mails of its warm-up today", row -> row.today);
    return text.toString();
  }

  private static String labels(String site, String source) {
    return "{site=\"" + escaped(site) + "\",source=\"" + escaped(source) + "\"} ";
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
  }

  private static void gauge(
      StringBuilder text,
      Map<String, Row> rows,
      String name,
      String help,
      ToLongFunction<Row> value) {
    String full = "caravan_source_" + name;
    text.append("# HELP ").append(full).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(full).append(" gauge\n");
    rows.forEach(
        (labels, row) ->
            text.append(full).append(labels).append(value.applyAsLong(row)).append('\n'));
  }
}
