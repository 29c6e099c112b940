package dev.caravan.settings;

import dev.caravan.mail.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the configuration. The first source that has a key wins: {@code -P key=value}, a system
 * property, an environment variable, the file {@code caravan.properties} of the config dir, the
 * default. Sources come in by constructor; use once.
 */
public final class SettingsReader {
  /** The file's name in the config dir. */
  public static final String FILE = "caravan.properties";

  private static final String CONFIG_DIR = "caravan.config-dir";
  private static final long MAX_FILE_OCTETS = 1024 * 1024;

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
    options.keySet().forEach(name -> unknown(name, " (given with -P)"));
    systemProperties.keySet().stream()
        .filter(name -> name.startsWith("caravan.") && !Keys.NO_KEYS.contains(name))
        .forEach(name -> unknown(name, " (given with -D)"));
    Map<String, Value> fromFile = readFile();
    Map<String, Value> values = new LinkedHashMap<>();
    for (Key key : Keys.ALL) {
      Value value = value(key, fromFile);
      values.put(key.name(), value);
      try {
        key.check(value.text());
      } catch (IllegalArgumentException e) {
        problem(value, key.name() + value.source() + ": " + e.getMessage());
      }
    }
    if (problems.isEmpty()) {
      together(values);
    }
    if (!problems.isEmpty()) {
      throw new InvalidSettingsException(problems.stream().sorted().toList());
    }
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((name, value) -> texts.put(name, value.text()));
    if (texts.getOrDefault("caravan.dkim.keys-dir", "").isEmpty()) {
      texts.put("caravan.dkim.keys-dir", texts.get(CONFIG_DIR) + "/dkim");
    }
    if (texts.getOrDefault("caravan.users-file", "").isEmpty()) {
      texts.put("caravan.users-file", texts.get(CONFIG_DIR) + "/users");
    }
    if (texts.getOrDefault("caravan.templates-dir", "").isEmpty()) {
      texts.put("caravan.templates-dir", texts.get(CONFIG_DIR) + "/templates");
    }
    return new Settings(home, texts);
  }

  /** What no key can tell alone. */
  private void together(Map<String, Value> values) {
    Value certificate = get(values, "caravan.tls.certificate");
    int keys = Kind.list(get(values, "caravan.tls.key").text()).size();
    if (Kind.list(certificate.text()).size() != keys) {
      problem(
          certificate,
          "caravan.tls.certificate"
              + certificate.source()
              + ": caravan.tls.key must name one key for each certificate");
    }
    Value mode = get(values, "caravan.delivery.mode");
    if (mode.text().equals("smarthost") && get(values, "caravan.smarthost.host").text().isEmpty()) {
      problem(mode, "caravan.smarthost.host is needed when caravan.delivery.mode is smarthost");
    }
    Value user = get(values, "caravan.smarthost.user");
    if (!user.text().isEmpty() && get(values, "caravan.smarthost.password").text().isEmpty()) {
      problem(user, "caravan.smarthost.password is needed with caravan.smarthost.user");
    }
    Value schedule = get(values, "caravan.retry.schedule");
    Value expiry = get(values, "caravan.retry.expiry");
    String first = Kind.list(schedule.text()).getFirst();
    if (Durations.parse(first).compareTo(Durations.parse(expiry.text())) >= 0) {
      problem(expiry, "caravan.retry.expiry must be longer than the first step, " + first);
    }
  }

  private static Value get(Map<String, Value> values, String name) {
    return values.getOrDefault(name, new Value("", "", 0, ""));
  }

  private void problem(Value value, String sentence) {
    problems.add(new Problem(value.file(), value.line(), sentence));
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

  private Map<String, Value> readFile() {
    Map<String, Value> values = new LinkedHashMap<>();
    Value configured = value(Keys.get(CONFIG_DIR), Map.of());
    Path dir = home.resolve(configured.text());
    Path file = dir.resolve(FILE);
    if (Files.notExists(file)) {
      if (Files.notExists(dir) && !configured.source().equals(" (the default)")) {
        problem(configured, CONFIG_DIR + configured.source() + ": there is no folder " + dir);
      }
      return values;
    }
    String shown = file.startsWith(home) ? home.relativize(file).toString() : file.toString();
    try {
      if (Files.size(file) > MAX_FILE_OCTETS) {
        problems.add(new Problem(shown, 1, "the file is longer than 1 MB"));
        return values;
      }
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#") && !line.startsWith("!")) {
          readLine(line, shown, i + 1, values);
        }
      }
    } catch (IOException e) {
      problems.add(new Problem(shown, 1, "the file can't be read as UTF-8 text: " + e));
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
    if (Keys.find(name).isEmpty()) {
      problems.add(new Problem(file, number, Spelling.unknownKey(name)));
      return;
    }
    if (name.equals(CONFIG_DIR)) {
      problems.add(
          new Problem(
              file, number, name + " can't be set here: it says where this file is; use -P"));
      return;
    }
    Value earlier = values.get(name);
    if (earlier != null) {
      problems.add(
          new Problem(file, number, name + " is set twice, first in line " + earlier.line()));
    }
    values.put(name, new Value(line.substring(equals + 1).strip(), file, number, ""));
  }

  private void unknown(String name, String source) {
    if (Keys.find(name).isEmpty()) {
      problems.add(new Problem("", 0, Spelling.unknownKey(name) + source));
    }
  }
}
