package dev.caravan.traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What operators have ordered, in a small JSON file: {@code {"example.com": {"suspended": true,
 * "until": "2030-01-31T12:00:00Z", "why": "…", "concurrency": 2, "rate": "10/min"}}}. Read once, at
 * the start; written anew as a whole with each change, so that it is there or not, never half.
 *
 * <p>A change counts only when it is on disk.
 */
public final class SiteOrders {
  /** How many sites may have an order. */
  private static final int SITES_MAX = 10_000;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile Map<String, SiteOrder> orders;

  /**
   * @param file made with the first order
   * @throws IllegalArgumentException when it holds something else: what must not be sent to would
   *     be forgotten
   */
  public SiteOrders(String file) {
    this.file = Path.of(file);
    this.orders = read(this.file);
  }

  /** Of this site; its name in small letters. */
  SiteOrder of(String site) {
    return orders.getOrDefault(site, SiteOrder.NONE);
  }

  /** All, by site. */
  Map<String, SiteOrder> all() {
    return orders;
  }

  /**
   * @throws UncheckedIOException when it can't be written; then nothing has changed
   * @throws IllegalStateException when too many sites have orders
   */
  void change(String site, UnaryOperator<SiteOrder> change, Instant now) {
    changing.lock();
    try {
      Map<String, SiteOrder> fresh = new TreeMap<>();
      orders.forEach((name, order) -> put(fresh, name, order.at(now)));
      SiteOrder changed = change.apply(fresh.getOrDefault(site, SiteOrder.NONE));
      fresh.remove(site);
      put(fresh, site, changed);
      if (fresh.size() > SITES_MAX) {
        throw new IllegalStateException("more than " + SITES_MAX + " sites have orders");
      }
      write(fresh);
      orders = Collections.unmodifiableMap(fresh);
    } finally {
      changing.unlock();
    }
  }

  private static void put(Map<String, SiteOrder> all, String site, SiteOrder order) {
    if (!order.equals(SiteOrder.NONE)) {
      all.put(site, order);
    }
  }

  private void write(Map<String, SiteOrder> all) {
    ObjectNode root = JSON.createObjectNode();
    all.forEach((site, order) -> write(root.putObject(site), order));
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(draft, root.toPrettyString() + "\n");
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written", e);
    }
  }

  private static void write(ObjectNode json, SiteOrder order) {
    order
        .suspension()
        .ifPresent(
            suspension -> {
              json.put("suspended", true);
              suspension.until().ifPresent(until -> json.put("until", until.toString()));
              json.put("why", suspension.why());
            });
    order.concurrency().ifPresent(max -> json.put("concurrency", max));
    order
        .rates()
        .ifPresent(
            rates ->
                json.put(
                    "rate", rates.stream().map(Rate::toString).collect(Collectors.joining(","))));
  }

  private static Map<String, SiteOrder> read(Path file) {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      JsonNode root = JSON.readTree(Files.readString(file));
      if (!root.isObject()) {
        throw new IllegalArgumentException("it is no JSON object");
      }
      Map<String, SiteOrder> all = new TreeMap<>();
      root.properties()
          .forEach(each -> all.put(each.getKey().toLowerCase(Locale.ROOT), order(each.getValue())));
      return Collections.unmodifiableMap(all);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + ": " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read", e);
    }
  }

  private static SiteOrder order(JsonNode json) {
    Optional<SiteOrder.Suspension> suspension = Optional.empty();
    if (json.path("suspended").asBoolean()) {
      String until = json.path("until").asText();
      suspension =
          Optional.of(
              new SiteOrder.Suspension(
                  until.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(until)),
                  json.path("why").asText()));
    }
    JsonNode concurrency = json.path("concurrency");
    JsonNode rate = json.path("rate");
    Optional<List<Rate>> rates =
        rate.isTextual() ? Optional.of(Rate.parse(rate.asText())) : Optional.empty();
    return new SiteOrder(
        suspension,
        concurrency.isInt() ? OptionalInt.of(concurrency.asInt()) : OptionalInt.empty(),
        rates);
  }
}
