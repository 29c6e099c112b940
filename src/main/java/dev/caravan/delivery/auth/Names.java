package dev.caravan.delivery.auth;

import java.util.List;
import java.util.Locale;

/** What users and mechanisms may be called. */
final class Names {
  private static final int USER_MAX = 320;

  private Names() {}

  /** A name that can't leave the field that it is written to. */
  static String user(String name) {
    if (name.isBlank() || name.length() > USER_MAX || name.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException(
          "a user's name has 1 to " + USER_MAX + " characters, none of them a control character");
    }
    return name;
  }

  static List<String> mechanisms(List<String> names, List<String> possible, String beginning) {
    List<String> all = names.stream().map(n -> n.strip().toUpperCase(Locale.ROOT)).toList();
    for (String name : all) {
      if (!possible.contains(name)) {
        throw new IllegalArgumentException(
            beginning + String.join(", ", possible) + ", not " + name);
      }
    }
    return all;
  }
}
