package dev.caravan.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the configuration. The first source that has a key wins: {@code -P key=value}, a system
 * property, an environment variable, the file, the default. Sources come in by constructor.
 */
public final class SettingsReader {
  private static final String PREFIX = "caravan.";
  private static final String FILE = "caravan.properties";

  private final Path home;
  private final Map<String, String> options;
  private final Map<String, String> systemProperties;
  private final Map<String, String> environment;
  private final List<Problem> problems = new ArrayList<>();

  private record Value(String text, String file, int line, String source) {}

  /**
   * @param home the folder that holds the launcher
   * @param options what was given with -P
   */
  public SettingsReader(
      Path home,
      Map<String, String> options,
      Map<String, String> systemProperties,
      Map<String, String> environment) {
    this.home = home;
    this.options = options;
    this.systemProperties = systemProperties;
    this.environment = environment;
  }

  /**
   * Reads and checks every key.
   *
   * @throws InvalidSettingsException with all problems
   */
  public Settings read() throws InvalidSettingsException {
    Map<String, Value> fromFile = readFile();
    unknown(options, "-P ");
    Map<String, String> values = new LinkedHashMap<>();
    for (Key key : Keys.ALL) {
      Value value = value(key, fromFile);
      try {
        if (!value.text().isEmpty() || !key.defaultValue().isEmpty()) {
          key.kind().check(value.text());
        }
      } catch (IllegalArgumentException e) {
        problems.add(
            new Problem(
                value.file(),
                value.line(),
                key.name() + value.source() + ": " + e.getMessage()));
      }
      values.put(key.name(), value.text());
    }
    if (values.getOrDefault("caravan.dkim.keys-dir", "").isEmpty()) {
      values.put("caravan.dkim.keys-dir", values.get("caravan.config-dir") + "/dkim");
    }
    together(values);
    if (!problems.isEmpty()) {
      throw new InvalidSettingsException(problems);
    }
    return new Settings(home, values);
  }

  private void together(Map<String, String> values) {
    if ("smarthost".equals(values.get("caravan.delivery.mode"))
        && values.getOrDefault("caravan.smarthost.host", "").isEmpty()) {
      problems.add(
          new Problem("", 0, "caravan.smarthost.host is needed when caravan.delivery.mode is smarthost"));
    }
  }

  private Value value(Key key, Map<String, Value> fromFile) {
    String option = options.get(key.name());
    if (option != null) {
      return new Value(option.strip(), "", 0, " (given with -P)");
    }
    String property = systemProperties.get(key.name());
    if (property != null) {
      return new Value(property.strip(), "", 0, " (given with -D)");
    }
    String variable = environment.get(key.environmentVariable());
    if (variable != null) {
      return new Value(
          variable.strip(), "", 0, " (from the environment, " + key.environmentVariable() + ")");
    }
    Value inFile = fromFile.get(key.name());
    return inFile != null ? inFile : new Value(key.defaultValue(), "", 0, " (the default)");
  }

  private Path configDir() {
    String dir =
        Optional.ofNullable(options.get("caravan.config-dir"))
            .or(() -> Optional.ofNullable(systemProperties.get("caravan.config-dir")))
            .or(() -> Optional.ofNullable(environment.get("CARAVAN_CONFIG_DIR")))
            .orElse("config");
    return home.resolve(dir);
  }

  private Map<String, Value> readFile() {
    Map<String, Value> values = new LinkedHashMap<>();
    Path file = configDir().resolve(FILE);
    if (Files.notExists(file)) {
      return values;
    }
    String shown = file.startsWith(home) ? home.relativize(file).toString() : file.toString();
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#") && !line.startsWith("!")) {
          readLine(line, shown, i + 1, values);
        }
      }
    } catch (IOException e) {
      problems.add(new Problem(shown, 1, "the file can't be read: " + e.getMessage()));
    }
    return values;
  }

  private void readLine(String line, String file, int number, Map<String, Value> values) {
    int equals = line.indexOf('=');
    if (equals < 1) {
      problems.add(new Problem(file, number, "a line has the form key = value"));
      return;
    }
    String name = line.substring(0, equals).strip();
    if (!Keys.BY_NAME.containsKey(name)) {
      problems.add(new Problem(file, number, unknownKey(name)));
      return;
    }
    if (values.containsKey(name)) {
      problems.add(new Problem(file, number, name + " is set twice"));
    }
    values.put(name, new Value(line.substring(equals + 1).strip(), file, number, ""));
  }

  private void unknown(Map<String, String> given, String source) {
    for (String name : given.keySet()) {
      if (!Keys.BY_NAME.containsKey(name)) {
        problems.add(new Problem("", 0, source + unknownKey(name)));
      }
    }
  }

  private static String unknownKey(String name) {
    String best = "";
    int bestDistance = 4;
    for (Key key : Keys.ALL) {
      int distance = distance(name, key.name());
      if (distance < bestDistance) {
        bestDistance = distance;
        best = key.name();
      }
    }
    String hint = best.isEmpty() ? "" : "; did you mean " + best + "?";
    return (name.startsWith(PREFIX) ? "no such key: " : "keys begin with caravan.: ") + name + hint;
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + change);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
