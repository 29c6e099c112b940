package dev.caravan.traffic;

import dev.caravan.delivery.Source;
import dev.caravan.delivery.auth.SelfCheck;
import dev.caravan.mail.Names;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How much some new addresses of ours may send to each of some sites, day by day. A bean: its
 * properties are set in XML. Of several rules that name a source and a site the first counts.
 */
public final class WarmUpRule implements SelfCheck {
  private Names sources = Names.NONE;
  private Names sites = Names.parse("*");
  private String start = "";
  private String steps = "";
  private Optional<WarmUp> plan = Optional.empty();

  /**
   * With commas between: each by its IPv4 address, by its IPv6 address when it has no other, or by
   * its name in EHLO.
   *
   * @throws IllegalArgumentException when one is no address though it looks so
   */
  public void setSources(String names) {
    sources =
        Names.parse(
            Arrays.stream(names.split(",", -1))
                .map(WarmUpRule::written)
                .collect(Collectors.joining(",")));
  }

  /** An IPv6 address has many forms. */
  private static String written(String name) {
    return name.contains(":") ? InetAddress.ofLiteral(name.strip()).getHostAddress() : name;
  }

  /** Names with commas between; all sites unless it is set. Each has counts of its own. */
  public void setSites(String names) {
    sites = Names.parse(names);
  }

  /** The first day, {@code 2030-01-31}; a day is one of UTC. */
  public void setStart(String day) {
    start = day;
    read();
  }

  /** {@code 1: 50/d 10/h, 3: 200/d, 30: free}; see {@link WarmUp#parse}. */
  public void setSteps(String text) {
    steps = text;
    read();
  }

  private void read() {
    if (!start.isBlank() && !steps.isBlank()) {
      plan = Optional.of(WarmUp.parse(start, steps));
    }
  }

  @Override
  public Optional<String> problem() {
    return sources.all().isEmpty()
        ? Optional.of("a warm-up needs the property sources")
        : plan.isPresent()
            ? Optional.empty()
            : Optional.of("a warm-up needs the properties start and steps");
  }

  boolean isFor(Source source, String site) {
    return (sources.contain(source.id()) || sources.contain(source.name())) && sites.contain(site);
  }

  WarmUp plan() {
    return plan.orElseThrow(() -> new IllegalArgumentException(problem().orElse("")));
  }
}
