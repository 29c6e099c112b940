package dev.caravan.traffic;

import dev.caravan.delivery.Source;
import dev.caravan.delivery.SourcePool;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Our sources at one site: those that the rules name for its mail. Only of those that were used
 * something is remembered. Whoever uses it holds the site's lock.
 */
final class SiteSources {
  /** How many reasons are told in one line. */
  private static final int TOLD_MAX = 3;

  private final Function<Source, SourceTraffic> maker;
  private final Set<SourcePool> pools = new LinkedHashSet<>();
  private final Map<String, SourceTraffic> used = new HashMap<>();

  SiteSources(Function<Source, SourceTraffic> maker) {
    this.maker = maker;
  }

  /** Mail to this site may start from these. */
  void know(SourcePool pool) {
    pools.add(pool);
  }

  boolean isEmpty() {
    return pools.isEmpty();
  }

  private Stream<Source> all() {
    return pools.stream().flatMap(pool -> pool.sources().stream()).distinct();
  }

  /** As it is, or as it begins. */
  private SourceTraffic look(Source source) {
    SourceTraffic known = used.get(source.id());
    return known == null ? maker.apply(source) : known;
  }

  private SourceTraffic of(Source source) {
    return used.computeIfAbsent(source.id(), id -> maker.apply(source));
  }

  /** Empty when it was not used. */
  Optional<SourceTraffic> find(String id) {
    return Optional.ofNullable(used.get(id));
  }

  /** Whose turn it is of those that may be used. */
  Optional<SourceTraffic> pick(SourcePool pool, long now, Instant wall) {
    return pool.pick(source -> look(source).blocked(now, wall).isEmpty()).map(this::of);
  }

  /** Why none of the pool may be used. */
  Blocked blocked(SourcePool pool, long now, Instant wall) {
    record Reason(String id, Blocked blocked) {}
    List<Reason> reasons =
        pool.sources().stream()
            .flatMap(s -> look(s).blocked(now, wall).map(b -> new Reason(s.id(), b)).stream())
            .sorted(Comparator.comparingLong(r -> r.blocked().nanos()))
            .toList();
    String told =
        reasons.stream()
            .limit(TOLD_MAX)
            .map(r -> r.id() + ", " + r.blocked().why())
            .collect(Collectors.joining("; "));
    int more = reasons.size() - TOLD_MAX;
    return new Blocked(
        told + (more > 0 ? "; and " + more + " more" : ""),
        reasons.isEmpty() ? 1 : reasons.getFirst().blocked().nanos());
  }

  /** Whether none gets through to the site. */
  boolean areDown() {
    return !isEmpty()
        && all().allMatch(s -> find(s.id()).filter(known -> known.adaptive().isDown()).isPresent());
  }

  /** Whether a mail that has had no turn may start from here. */
  boolean mayUse(Source source, long now, Instant wall) {
    return look(source).blocked(now, wall).isEmpty();
  }

  /** Such a mail starts from here, and counts; false when it may not. */
  boolean use(Source source, long now, Instant wall) {
    SourceTraffic known = of(source);
    return known.blocked(now, wall).isEmpty() && known.take(now, wall).isEmpty();
  }

  /** A mail that this source was taken for has reached nobody. */
  void unused(String id, Instant wall) {
    find(id).ifPresent(s -> s.giveBack(wall));
  }

  /**
   * The site does not want mail from this source for a time.
   *
   * @param most what it may have at once then
   * @return whether another one of the pool may be used; empty when this one is not known
   */
  Optional<Boolean> leaveOut(
      String id, SourcePool pool, long now, Duration time, String reply, int most) {
    Optional<SourceTraffic> known = find(id);
    known.ifPresent(s -> s.leaveOut(now, time, reply, most));
    return known.map(s -> hasAnother(pool, id, now));
  }

  /** Whether another one of the pool has a chance. */
  private boolean hasAnother(SourcePool pool, String id, long now) {
    return pool.sources().stream()
        .filter(source -> !source.id().equals(id))
        .anyMatch(source -> look(source).isOfUse(now));
  }

  /** Deliveries that those may have that were used. */
  int allowed() {
    return used.values().stream().mapToInt(s -> s.adaptive().allowed()).sum();
  }

  void cap(int most) {
    used.values().forEach(s -> s.adaptive().cap(most));
  }

  void probe(long now) {
    used.values().forEach(s -> s.probe(now));
  }

  List<SourceReport> report(long now, Instant wall) {
    return all().map(source -> look(source).report(now, wall)).toList();
  }
}
