package dev.caravan.settings;

/**
 * One key of the configuration.
 *
 * @param name begins with {@code caravan.}
 * @param defaultValue as it would be written; may be empty
 * @param kind how a value is checked
 */
record Key(String name, String defaultValue, Kind kind) {
  /** The environment variable that overrides it: {@code CARAVAN_SMTP_PORT}. */
  String environmentVariable() {
    return name.replace('.', '_').replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }
}
