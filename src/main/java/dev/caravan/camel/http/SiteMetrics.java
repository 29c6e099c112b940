package dev.caravan.camel.http;

import dev.caravan.queue.QueueNames;
import dev.caravan.traffic.SiteCounts;
import dev.caravan.traffic.SiteReport;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sites in Prometheus' text format, {@code caravan_site_…}: those with the most attempts by
 * name, all others together as {@code other}.
 */
public final class SiteMetrics {
  private static final String OTHER = "other";

  private final int max;

  /**
   * @param max how many sites have a name; 0 = none
   */
  public SiteMetrics(int max) {
    this.max = max;
  }

  /** What is shown of a site, or of all others. */
  private static final class Row {
    long waiting;
    long inFlight;
    long concurrency;
    long concurrencyMax;
    long down;
    long suspended;
    long throttled;
    double rate;
    SiteCounts counts = SiteCounts.none();

    void add(SiteReport report, Map<String, Long> depths) {
      waiting += waiting(report, depths);
      inFlight += report.inFlight();
      concurrency += report.concurrency();
      concurrencyMax += report.concurrencyMax();
      down += report.state().equals("down") ? 1 : 0;
      suspended += report.state().equals("suspended") ? 1 : 0;
      throttled += report.state().equals("throttled") ? 1 : 0;
      rate += report.perSecond();
      counts = counts.plus(report.counts());
    }
  }

  /** Where mail has several choices of our addresses a site has a lane for each of them. */
  private static long waiting(SiteReport report, Map<String, Long> depths) {
    String lane = QueueNames.lane(report.site());
    long here = depths.getOrDefault(lane, 0L);
    return report.sources().isEmpty()
        ? here
        : here
            + depths.entrySet().stream()
                .filter(depth -> depth.getKey().startsWith(lane + ".from-"))
                .mapToLong(Map.Entry::getValue)
                .sum();
  }

  private interface Value {
    double of(Row row);
  }

  /**
   * @param depths messages by queue
   */
  String text(List<SiteReport> reports, Map<String, Long> depths) {
    Map<String, Row> rows = new LinkedHashMap<>();
    reports.stream()
        .sorted(
            Comparator.comparingLong((SiteReport report) -> -report.counts().total())
                .thenComparing(SiteReport::site))
        .forEach(
            report ->
                rows.computeIfAbsent(rows.size() < max ? report.site() : OTHER, name -> new Row())
                    .add(report, depths));
    StringBuilder text = new StringBuilder();
    gauge(text, rows, "waiting", "Mails in the lane of the site", row -> row.waiting);
    gauge(text, rows, "in_flight", "Deliveries now", row -> row.inFlight);
    gauge(text, rows, "concurrency", "Deliveries that it may have now", row -> row.concurrency);
    gauge(text, rows, "concurrency_max", "And at most", row -> row.concurrencyMax);
    gauge(text, rows, "rate_limit", "Mails a second that it may have; 0 = any", row -> row.rate);
    gauge(text, rows, "down", "Sites that are down", row -> row.down);
    gauge(text, rows, "suspended", "Sites that nothing is sent to", row -> row.suspended);
    gauge(text, rows, "throttled", "Sites whose mail waits for a limit", row -> row.throttled);
    head(text, "outcomes_total", "Recipients by class and subject of the reply", "counter");
    rows.forEach(
        (site, row) ->
            new TreeMap<>(row.counts.outcomes())
                .forEach(
                    (kind, n) ->
                        line(
                            text,
                            "outcomes_total",
                            site,
                            ",class=\"" + kind.charAt(0) + "xx\",enhanced=\"" + kind + "\"",
                            n)));
    head(text, "attempts_total", "Attempts by TLS version", "counter");
    rows.forEach(
        (site, row) ->
            new TreeMap<>(row.counts.attempts())
                .forEach(
                    (tls, n) -> line(text, "attempts_total", site, ",tls=\"" + tls + "\"", n)));
    head(text, "connections_opened_total", "Connections made, by TLS version", "counter");
    rows.forEach(
        (site, row) ->
            new TreeMap<>(row.counts.connections().opened())
                .forEach(
                    (tls, n) ->
                        line(text, "connections_opened_total", site, ",tls=\"" + tls + "\"", n)));
    counter(
        text,
        rows,
        "connections_reused_total",
        "Mails over a connection that was kept",
        row -> row.counts.connections().reused());
    counter(
        text,
        rows,
        "connections_failed_total",
        "Connections that could not be made",
        row -> row.counts.connections().failed());
    head(text, "attempt_seconds", "Time that attempts took", "histogram");
    rows.forEach((site, row) -> histogram(text, site, row.counts));
    return text.toString();
  }

  private static void histogram(StringBuilder text, String site, SiteCounts counts) {
    long sum = 0;
    for (int i = 0; i < SiteCounts.BOUNDS.size(); i++) {
      sum += counts.took().get(i);
      Duration bound = SiteCounts.BOUNDS.get(i);
      line(
          text,
          "attempt_seconds_bucket",
          site,
          ",le=\"" + number(bound.toMillis() / 1e3) + "\"",
          sum);
    }
    line(text, "attempt_seconds_bucket", site, ",le=\"+Inf\"", counts.total());
    line(text, "attempt_seconds_sum", site, "", counts.seconds());
    line(text, "attempt_seconds_count", site, "", counts.total());
  }

  private static void gauge(
      StringBuilder text, Map<String, Row> rows, String name, String help, Value value) {
    head(text, name, help, "gauge");
    rows.forEach((site, row) -> line(text, name, site, "", value.of(row)));
  }

  private static void counter(
      StringBuilder text, Map<String, Row> rows, String name, String help, Value value) {
    head(text, name, help, "counter");
    rows.forEach((site, row) -> line(text, name, site, "", value.of(row)));
  }

  private static void head(StringBuilder text, String name, String help, String type) {
    text.append("# HELP caravan_site_").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE caravan_site_").append(name).append(' ').append(type).append('\n');
  }

  private static void line(
      StringBuilder text, String name, String site, String labels, double value) {
    text.append("caravan_site_")
        .append(name)
        .append("{site=\"")
        .append(site.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " "))
        .append('"')
        .append(labels)
        .append("} ")
        .append(number(value))
        .append('\n');
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
