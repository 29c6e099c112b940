package dev.caravan.camel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.traffic.SiteCounts;
import dev.caravan.traffic.SiteOrder;
import dev.caravan.traffic.SiteReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SiteMetricsTest {
  private static SiteReport report(String site, long attempts, String state) {
    return new SiteReport(
        site,
        state,
        2,
        5,
        20,
        List.of("100/s", "60/min"),
        "",
        "why",
        0,
        SiteOrder.NONE,
        new SiteCounts(
            Map.of("2.0", attempts, "4.7", 1L),
            Map.of("TLSv1.3", attempts),
            List.of(0L, attempts, 0L, 0L, 0L, 0L, 0L, 0L),
            attempts * 0.1,
            new SiteCounts.Connections(Map.of("TLSv1.3", attempts, "none", 2L), 30, 1)),
        List.of());
  }

  @Test
  void theMostUsedHaveNamesAndTheRestIsOther() {
    String text =
        new SiteMetrics(1)
            .text(
                List.of(
                    report("a.example", 3, "down"),
                    report("b.example", 10, "open"),
                    report("c.example", 4, "suspended")),
                Map.of("mail.out.b.example", 7L, "mail.out.c.example", 2L));
    assertThat(text)
        .contains(
            "# TYPE caravan_site_waiting gauge",
            "caravan_site_waiting{site=\"b.example\"} 7\n",
            "caravan_site_waiting{site=\"other\"} 2\n",
            "caravan_site_in_flight{site=\"other\"} 4\n",
            "caravan_site_concurrency{site=\"b.example\"} 5\n",
            "caravan_site_concurrency_max{site=\"b.example\"} 20\n",
            "caravan_site_rate_limit{site=\"b.example\"} 1\n",
            "caravan_site_down{site=\"other\"} 1\n",
            "caravan_site_suspended{site=\"other\"} 1\n",
            "caravan_site_outcomes_total{site=\"b.example\",class=\"2xx\",enhanced=\"2.0\"} 10\n",
            "caravan_site_outcomes_total{site=\"other\",class=\"4xx\",enhanced=\"4.7\"} 2\n",
            "caravan_site_attempts_total{site=\"other\",tls=\"TLSv1.3\"} 7\n",
            "# TYPE caravan_site_connections_opened_total counter",
            "caravan_site_connections_opened_total{site=\"b.example\",tls=\"TLSv1.3\"} 10\n",
            "caravan_site_connections_opened_total{site=\"other\",tls=\"none\"} 4\n",
            "caravan_site_connections_reused_total{site=\"other\"} 60\n",
            "caravan_site_connections_failed_total{site=\"b.example\"} 1\n",
            "caravan_site_attempt_seconds_bucket{site=\"b.example\",le=\"0.050\"} 0\n",
            "caravan_site_attempt_seconds_bucket{site=\"b.example\",le=\"0.250\"} 10\n",
            "caravan_site_attempt_seconds_bucket{site=\"b.example\",le=\"+Inf\"} 10\n",
            "caravan_site_attempt_seconds_sum{site=\"other\"} 0.700\n",
            "caravan_site_attempt_seconds_count{site=\"b.example\"} 10\n")
        .doesNotContain("a.example");
  }

  @Test
  void aNameCantEndItsLine() {
    String text = new SiteMetrics(5).text(List.of(report("a\"\n\\x", 1, "open")), Map.of());
    assertThat(text).contains("site=\"a\\\" \\\\x\"");
  }
}
