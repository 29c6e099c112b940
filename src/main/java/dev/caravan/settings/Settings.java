package dev.caravan.settings;

import dev.caravan.mail.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The configuration, checked: a value for every key. What a route reads as {@code
 * {{caravan.smtp.port}}} stands here.
 *
 * @param home the folder that relative paths start from
 * @param values by key, each the one in force, as it was written
 */
public record Settings(Path home, Map<String, String> values) {
  public Settings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The names of all keys, in the order of the documentation. */
  public static List<String> keys() {
    return Keys.ALL.stream().map(Key::name).toList();
  }

  /**
   * The value of a key.
   *
   * @throws IllegalArgumentException for a key that does not exist
   */
  public String text(String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no such key: " + key);
    }
    return value;
  }

  public int number(String key) {
    return Integer.parseInt(text(key));
  }

  /** Octets. */
  public long bytes(String key) {
    return Kind.bytes(text(key));
  }

  public Duration duration(String key) {
    return Durations.parse(text(key));
  }

  public List<String> list(String key) {
    return Kind.list(text(key));
  }

  /** A folder or file; relative ones start at {@link #home}. */
  public Path path(String key) {
    return home.resolve(text(key)).normalize();
  }

  public Path dataDir() {
    return path("caravan.data-dir");
  }

  /** Large messages while they are received. */
  public Path spoolDir() {
    return dataDir().resolve("spool");
  }

  public Path routesDir() {
    return path("caravan.routes-dir");
  }

  public Path configDir() {
    return path("caravan.config-dir");
  }

  /**
   * For placeholders in routes: every key with its value as it is written ({@code 5m} suits Camel
   * and our own beans), but sizes in octets, folders and files with their whole path; and {@code
   * caravan.spool-dir}.
   */
  public Map<String, String> placeholders() {
    Map<String, String> all = new LinkedHashMap<>();
    for (Key key : Keys.ALL) {
      String value = text(key.name());
      all.put(key.name(), value.isEmpty() ? "" : placeholder(key, value));
    }
    all.put("caravan.spool-dir", spoolDir().toString());
    return all;
  }

  private String placeholder(Key key, String value) {
    if (key.kind() == Kind.FOLDER) {
      return path(key.name()).toString();
    }
    if (key.kind() == Kind.FILES) {
      return Kind.list(value).stream()
          .map(file -> home.resolve(file).normalize().toString())
          .collect(Collectors.joining(","));
    }
    return key.kind().placeholder(value);
  }

  /** Without secrets. */
  @Override
  public String toString() {
    Map<String, String> shown = new LinkedHashMap<>(values);
    Keys.ALL.stream().filter(Key::secret).forEach(k -> shown.replace(k.name(), "***"));
    return "Settings[" + home + ", " + shown + "]";
  }
}
