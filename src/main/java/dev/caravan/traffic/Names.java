package dev.caravan.traffic;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Names as rules write them, with commas between: {@code *.example.com} is every name below that
 * one, {@code *} any.
 */
record Names(List<String> all) {
  static final Names NONE = new Names(List.of());

  Names {
    all = List.copyOf(all);
  }

  static Names parse(String text) {
    return new Names(
        Arrays.stream(text.split(",", -1))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .toList());
  }

  boolean contain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return all.stream().anyMatch(each -> matches(each, lower));
  }

  private static boolean matches(String each, String name) {
    return each.equals("*")
        || each.equals(name)
        || each.startsWith("*.") && name.endsWith(each.substring(1));
  }
}
