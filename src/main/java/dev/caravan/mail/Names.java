package dev.caravan.mail;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Names as rules write them, with commas between: {@code *.example.com} is every name below that
 * one, {@code *} any.
 */
public record Names(List<String> all) {
  /** No name: contains nothing. */
  public static final Names NONE = new Names(List.of());

  public Names {
    all = List.copyOf(all);
  }

  /** Reads such a text; without a name it is {@link #NONE}. */
  public static Names parse(String text) {
    return new Names(
        Arrays.stream(text.split(",", -1))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .toList());
  }

  /** Whether this is one of them, in whatever case. */
  public boolean contain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return all.stream().anyMatch(each -> matches(each, lower));
  }

  private static boolean matches(String each, String name) {
    return each.equals("*")
        || each.equals(name)
        || each.startsWith("*.") && name.endsWith(each.substring(1));
  }
}
