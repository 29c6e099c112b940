package dev.caravan.settings;

import dev.caravan.mail.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration, checked: a value for every key. What a route reads as {@code
 * {{caravan.smtp.port}}} stands here.
 *
 * @param home the folder that relative paths start from
 * @param values by key, each the one in force
 */
public record Settings(Path home, Map<String, String> values) {
  public Settings {
    values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
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

  public Path routesDir() {
    return path("caravan.routes-dir");
  }

  public Path configDir() {
    return path("caravan.config-dir");
  }

  /** For placeholders in routes: every key, sizes in octets, durations in ms, paths absolute. */
  public Map<String, String> placeholders() {
    Map<String, String> all = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          Kind kind = Keys.ALL.stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow().kind();
          if (kind == Kind.BYTES) {
            all.put(name, Long.toString(bytes(name)));
          } else if (kind == Kind.DURATION) {
            all.put(name, Long.toString(duration(name).toMillis()));
          } else if (name.endsWith("-dir")) {
            all.put(name, path(name).toString());
          } else {
            all.put(name, value);
          }
        });
    return all;
  }
}
