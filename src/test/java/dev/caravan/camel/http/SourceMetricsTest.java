package dev.caravan.camel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.traffic.SiteCounts;
import dev.caravan.traffic.SiteOrder;
import dev.caravan.traffic.SiteReport;
import dev.caravan.traffic.SourceReport;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SourceMetricsTest {
  private static SiteReport site(int number, int sources) {
    return new SiteReport(
        "site" + number,
        "open",
        0,
        5,
        20,
        List.of(),
        "",
        "",
        0,
        SiteOrder.NONE,
        SiteCounts.none(),
        IntStream.range(0, sources)
            .mapToObj(
                i ->
                    new SourceReport(
                        "192.0.2." + i, "", "left-out", 1, 5, 3, OptionalLong.of(9), "", 0))
            .toList());
  }

  @Test
  void withoutSourcesThereIsNothing() {
    assertThat(new SourceMetrics(10, 10).text(List.of(site(1, 0)))).isEmpty();
  }

  /** However many sites and sources there are, and nothing of them is lost. */
  @Test
  void onlySomeHaveNames() {
    List<SiteReport> sites = IntStream.range(0, 30).mapToObj(i -> site(i, 20)).toList();
    List<String> lines =
        new SourceMetrics(3, 2)
            .text(sites)
            .lines()
            .filter(line -> line.startsWith("caravan_source_left_out{"))
            .toList();
    assertThat(lines).hasSize((3 + 1) * (2 + 1));
    assertThat(lines)
        .contains(
            "caravan_source_left_out{site=\"site0\",source=\"192.0.2.1\"} 1",
            "caravan_source_left_out{site=\"site0\",source=\"other\"} 18",
            "caravan_source_left_out{site=\"other\",source=\"192.0.2.0\"} 27",
            "caravan_source_left_out{site=\"other\",source=\"other\"} 486");
  }
}
