package dev.caravan.camel.check;

import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The properties of a class that can be set, by name, each with the first of its setters. */
final class Setters {
  private static final String SET = "set";

  private final Map<String, Method> byProperty = new TreeMap<>();

  Setters(Class<?> type) {
    for (Method m : type.getMethods()) {
      String name = m.getName();
      if (name.startsWith(SET) && name.length() > SET.length() && m.getParameterCount() == 1) {
        byProperty.putIfAbsent(property(name.substring(SET.length())), m);
      }
    }
  }

  /** In order. */
  Set<String> properties() {
    return byProperty.keySet();
  }

  Optional<Method> setter(String property) {
    return Optional.ofNullable(byProperty.get(property(property)));
  }

  private static String property(String name) {
    int first = Math.min(1, name.length());
    return name.substring(0, first).toLowerCase(Locale.ROOT) + name.substring(first);
  }
}
