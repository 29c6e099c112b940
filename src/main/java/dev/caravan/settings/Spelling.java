package dev.caravan.settings;

import java.util.Collection;
import java.util.Optional;

/** Finds what somebody meant. */
public final class Spelling {
  private static final int MAX_LENGTH = 200;

  private Spelling() {}

  /** What to say about a key that does not exist. */
  public static String unknownKey(String name) {
    String prefix = name.startsWith("caravan.") ? "" : " (every key begins with caravan.)";
    return "no such key: " + name + prefix + didYouMean(name, Settings.keys());
  }

  /** {@code ; did you mean X?}, or nothing when no name is near. */
  public static String didYouMean(String name, Collection<String> names) {
    return nearest(name, names).map(n -> "; did you mean " + n + "?").orElse("");
  }

  private static Optional<String> nearest(String name, Collection<String> names) {
    String best = "";
    int bestDistance = Math.min(4, 2 + name.length() / 3);
    for (String candidate : names) {
      if (candidate.equals("caravan." + name)) {
        return Optional.of(candidate);
      }
      int distance = distance(name, candidate);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /** Levenshtein's; long names are far from everything. */
  private static int distance(String a, String b) {
    if (a.length() > MAX_LENGTH || b.length() > MAX_LENGTH) {
      return Integer.MAX_VALUE;
    }
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
