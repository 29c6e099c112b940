package dev.caravan.delivery;

import dev.caravan.dns.Resolver;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The site that a set of MX hosts is: a large provider by the name that it has here, else the hosts
 * themselves. The thousands of domains of one provider are so one site, with one budget.
 */
public final class SiteNames {
  private static final int LENGTH_MAX = 100;
  private static final int HASH_LENGTH = 12;

  /** By suffix in lower case, such as {@code google.com}. */
  private final Map<String, String> bySuffix = new HashMap<>();

  /**
   * Reads the providers: {@code google: google.com googlemail.com yahoo: yahoodns.net}. A host is
   * of the provider whose suffix it has; the longest counts.
   *
   * @throws IllegalArgumentException when a suffix stands before the first name, or twice
   */
  public SiteNames(String providers) {
    String name = "";
    for (String word : providers.toLowerCase(Locale.ROOT).strip().split("[\\s,]+")) {
      if (word.endsWith(":")) {
        name = word.substring(0, word.length() - 1);
      } else if (name.isEmpty() && !word.isEmpty()) {
        throw new IllegalArgumentException("a site's name and a colon come before " + word);
      } else if (!word.isEmpty() && bySuffix.putIfAbsent(word, name) != null) {
        throw new IllegalArgumentException(word + " is already of " + bySuffix.get(word));
      }
    }
  }

  /**
   * The site of these servers.
   *
   * @param records at least one; not the null MX
   */
  String of(List<Resolver.Mx> records) {
    int best = records.stream().mapToInt(Resolver.Mx::preference).min().orElse(0);
    List<Optional<String>> preferred =
        records.stream()
            .filter(mx -> mx.preference() == best)
            .map(mx -> provider(mx.host()))
            .distinct()
            .toList();
    return preferred.size() == 1 && preferred.getFirst().isPresent()
        ? preferred.getFirst().get()
        : ofHosts(records);
  }

  /** Whether a site is a provider. */
  boolean isProvider(String site) {
    return bySuffix.containsValue(site.toLowerCase(Locale.ROOT));
  }

  /** The provider that a host belongs to. */
  private Optional<String> provider(String host) {
    String rest = host.toLowerCase(Locale.ROOT);
    while (true) {
      String name = bySuffix.get(rest);
      if (name != null) {
        return Optional.of(name);
      }
      int dot = rest.indexOf('.');
      if (dot < 0) {
        return Optional.empty();
      }
      rest = rest.substring(dot + 1);
    }
  }

  private static String ofHosts(List<Resolver.Mx> records) {
    List<String> hosts =
        records.stream().map(mx -> mx.host().toLowerCase(Locale.ROOT)).distinct().sorted().toList();
    String all = hosts.stream().collect(Collectors.joining("+"));
    if (all.length() <= LENGTH_MAX) {
      return all;
    }
    int room = LENGTH_MAX - HASH_LENGTH - 1;
    String first = hosts.getFirst();
    return first.substring(Math.max(0, first.length() - room)) + "~" + hash(all);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
