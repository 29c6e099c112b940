package dev.caravan.delivery.tls;

import dev.caravan.mail.Domain;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How mail for some domains is encrypted, instead of what {@code caravan.mx.tls} says. A bean: its
 * properties are set in XML; the first rule that names a domain counts.
 */
public final class TlsRule {
  private List<String> domains = List.of();
  private TlsLevel tls = TlsLevel.OPPORTUNISTIC;
  private List<String> names = List.of();

  /**
   * Recipients' domains with commas between; {@code .example.com} is that name and all below it,
   * {@code *} is every domain.
   */
  public void setDomains(String text) {
    domains = list(text);
  }

  /** One of {@link TlsLevel}. */
  public void setTls(String level) {
    tls = TlsLevel.of(level);
  }

  /**
   * For {@code verified}: what the certificate must be for, instead of the name of the MX host;
   * {@code .example.com} is any name below that one. It can't be forged in the DNS.
   */
  public void setNames(String text) {
    names = list(text);
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(word -> word.strip().toLowerCase(Locale.ROOT))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  boolean isFor(Domain domain) {
    return domains.stream().anyMatch(d -> d.equals("*") || domain.matches(d));
  }

  TlsLevel level() {
    return tls;
  }

  List<String> names() {
    return names;
  }
}
