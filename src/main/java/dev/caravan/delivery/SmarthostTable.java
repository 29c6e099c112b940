package dev.caravan.delivery;

import dev.caravan.delivery.auth.SelfCheck;
import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of smarthosts, and the rules that say which mail goes by which. A bean; its properties
 * are set in XML.
 */
public final class SmarthostTable implements SelfCheck {
  private final List<Smarthost> smarthosts = new ArrayList<>();
  private final List<SmarthostRule> rules = new ArrayList<>();
  private Duration stepBack = Duration.ofSeconds(30);
  private volatile @Nullable Directory directory;

  /** The list itself: Camel adds to it what XML has. */
  public List<Smarthost> getSmarthosts() {
    return smarthosts;
  }

  public void setSmarthosts(List<Smarthost> all) {
    smarthosts.clear();
    smarthosts.addAll(all);
  }

  /** The first that matches counts; mail that none matches goes as the delivery mode says. */
  public void setRules(List<SmarthostRule> all) {
    rules.clear();
    rules.addAll(all);
  }

  /** The list itself: Camel adds to it what XML has. */
  public List<SmarthostRule> getRules() {
    return rules;
  }

  /**
   * How long the others of its group go before one that could not be reached or logged in to, 1s to
   * 1h; 30s when it is not set.
   */
  public void setStepBack(String duration) {
    Duration time = Durations.parse(duration);
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("it is from 1s to 1h, not " + duration);
    }
    stepBack = time;
  }

  List<Relay> relays() {
    return smarthosts.stream().map(Smarthost::relay).toList();
  }

  List<SmarthostRule> rules() {
    return List.copyOf(rules);
  }

  Duration stepBack() {
    return stepBack;
  }

  /** That two have the same name; what is wrong with a smarthost or a rule it says itself. */
  @Override
  public Optional<String> problem() {
    if (smarthosts.stream().anyMatch(s -> s.problem().isPresent())) {
      return Optional.empty();
    }
    try {
      Directory possible = Directory.of(relays(), stepBack, System::nanoTime);
      assert possible.find("").isEmpty();
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Whether a rule may send mail by this name: of a smarthost or a group, or of a server. */
  public boolean knows(String via) {
    return via.equals(Smarthost.DEFAULT)
        || NamedServer.of(via).isPresent()
        || smarthosts.stream().anyMatch(s -> s.isCalled(via));
  }

  /** The site of the smarthost or group of this name; empty when there is none. */
  public Optional<String> siteOf(String name) {
    return directory().find(name).map(Group::site);
  }

  /** The names of smarthosts and groups, sorted. */
  public List<String> names() {
    return smarthosts.stream()
        .map(Smarthost::relay)
        .flatMap(relay -> Stream.concat(Stream.of(relay.name()), relay.groups().stream()))
        .distinct()
        .sorted()
        .toList();
  }

  /** How many deliveries a site of the table may have at most, where the table says so. */
  public OptionalInt concurrencyOf(String site) {
    return directory().concurrencyOf(site);
  }

  private Directory directory() {
    Directory known = directory;
    if (known == null) {
      known = Directory.of(relays(), stepBack, System::nanoTime);
      directory = known;
    }
    return known;
  }
}
