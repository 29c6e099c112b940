package dev.caravan.ops.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large mails are: {@code 5KB}, or sizes with their shares, {@code 5KB:80,100KB:20}.
 *
 * @param text as it was written
 * @param order the sizes in octets, each as often as its share says, evenly mixed
 */
record SizeMix(String text, List<Integer> order) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,9})(B|KB|MB)(?::(\\d{1,4}))?", Pattern.CASE_INSENSITIVE);
  private static final int LEAST = 500;
  private static final int MOST = 100 << 20;
  private static final int SHARES_MAX = 10_000;

  SizeMix {
    order = List.copyOf(order);
  }

  /**
   * @throws IllegalArgumentException when it has not this form
   */
  static SizeMix parse(String text) {
    List<Integer> sizes = new ArrayList<>();
    List<Integer> shares = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher m = FORM.matcher(part.strip());
      long size = m.matches() ? Long.parseLong(m.group(1)) * unit(m.group(2)) : -1;
      if (size < LEAST || size > MOST) {
        throw new IllegalArgumentException(
            "'" + part.strip() + "' is no size; write 5KB or 5KB:80,100KB:20, from 500B to 100MB");
      }
      sizes.add((int) size);
      shares.add(m.group(3) == null ? 1 : Math.max(1, Integer.parseInt(m.group(3))));
    }
    return new SizeMix(text, mixed(sizes, shares));
  }

  private static long unit(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "KB" -> 1 << 10;
      case "MB" -> 1 << 20;
      default -> 1;
    };
  }

  /** The size that is furthest behind its share comes next. */
  private static List<Integer> mixed(List<Integer> sizes, List<Integer> shares) {
    int total = shares.stream().mapToInt(Integer::intValue).sum();
    if (total > SHARES_MAX) {
      throw new IllegalArgumentException("shares are at most " + SHARES_MAX + " together");
    }
    List<Integer> order = new ArrayList<>(total);
    int[] credit = new int[sizes.size()];
    for (int i = 0; i < total; i++) {
      int best = 0;
      for (int k = 0; k < credit.length; k++) {
        credit[k] += shares.get(k);
        best = credit[k] > credit[best] ? k : best;
      }
      credit[best] -= total;
      order.add(sizes.get(best));
    }
    return order;
  }

  /** The size of a mail by its number. */
  int of(int number) {
    return order.get(number % order.size());
  }
}
