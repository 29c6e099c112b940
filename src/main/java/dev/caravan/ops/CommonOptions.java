package dev.caravan.ops;

import dev.caravan.settings.InvalidSettingsException;
import dev.caravan.settings.Settings;
import dev.caravan.settings.SettingsReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {
  @Option(
      names = "-P",
      paramLabel = "KEY=VALUE",
      description = "Overrides a key of config/caravan.properties. May be repeated.")
  private final Map<String, String> overrides = new LinkedHashMap<>();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  /**
   * The configuration, and the log set to it.
   *
   * @throws InvalidSettingsException with everything that is wrong
   */
  Settings settings() throws InvalidSettingsException {
    return settings(Map.of());
  }

  /** The same with these keys, whatever anybody else says of them. */
  Settings settings(Map<String, String> fixed) throws InvalidSettingsException {
    Map<String, String> options = new LinkedHashMap<>(overrides);
    options.putAll(fixed);
    return read(options);
  }

  /** The configuration with these keys of the command line, and the log set to it. */
  static Settings read(Map<String, String> options) throws InvalidSettingsException {
    Settings settings =
        new SettingsReader(home(), options, systemProperties(), System.getenv()).read();
    // Read by log4j2.xml.
    System.setProperty("caravan.log.format", settings.text("caravan.log.format"));
    System.setProperty("caravan.log.level", settings.text("caravan.log.level"));
    return settings;
  }

  /** The folder that holds the launcher. */
  private static Path home() {
    return Path.of(System.getProperty("caravan.home", "")).toAbsolutePath().normalize();
  }

  private static Map<String, String> systemProperties() {
    Properties all = System.getProperties();
    Map<String, String> texts = new TreeMap<>();
    all.stringPropertyNames().forEach(name -> texts.put(name, all.getProperty(name, "")));
    return texts;
  }
}
