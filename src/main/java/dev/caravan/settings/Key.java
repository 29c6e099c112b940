package dev.caravan.settings;

import java.util.Locale;

/**
 * One key of the configuration.
 *
 * @param name begins with {@code caravan.}
 * @param defaultValue as it would be written; empty where nothing, or the machine, decides
 * @param kind how a value is checked
 */
record Key(String name, String defaultValue, Kind kind) {
  /** The environment variable that overrides it: {@code CARAVAN_SMTP_PORT}. */
  String environmentVariable() {
    return name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** Whether its value must not be shown. */
  boolean secret() {
    return name.endsWith("password");
  }

  /**
   * Checks a value; an empty one is right where empty is the default.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  void check(String value) {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("it must be one line");
    }
    if (value.isEmpty() && !defaultValue.isEmpty() && !mayBeEmptied()) {
      throw new IllegalArgumentException("it must not be empty; the default is " + defaultValue);
    }
    if (!value.isEmpty()) {
      kind.check(value);
    }
  }

  /** Lists of networks may be emptied: nobody, nowhere. */
  private boolean mayBeEmptied() {
    return kind == Kind.NETWORKS;
  }
}
