package dev.caravan.delivery;

import dev.caravan.queue.QueuedMail;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * From where some mail is sent. A bean: its properties are set in XML. It is for mail that meets
 * all of its conditions; without a condition it is for all mail.
 *
 * <p>Names are written with commas between; {@code *.example.com} is every name below that one,
 * {@code *} any.
 */
public final class SourceRule {
  private Optional<List<String>> senderDomains = Optional.empty();
  private Optional<List<String>> sites = Optional.empty();
  private Optional<List<String>> users = Optional.empty();
  private Optional<String> header = Optional.empty();
  private String headerValue = "";
  private Optional<SourcePool> pool = Optional.empty();

  /** Mail from a sender in one of these domains; a bounce has none. */
  public void setSenderDomains(String names) {
    senderDomains = Optional.of(names(names));
  }

  /** Mail from one of these users, who had logged in. */
  public void setUsers(String names) {
    users = Optional.of(names(names));
  }

  /** Mail to one of these sites, as the events name them. */
  public void setSites(String names) {
    sites = Optional.of(names(names));
  }

  /**
   * Mail with this header field, {@code X-Pool}, or with this value of it, {@code X-Pool: bulk}.
   */
  public void setHeader(String field) {
    int colon = field.indexOf(':');
    header = Optional.of((colon < 0 ? field : field.substring(0, colon)).strip());
    headerValue = colon < 0 ? "" : field.substring(colon + 1).strip();
  }

  /**
   * Places with commas between, each an IPv4 address, an IPv6 address or both, our name there, and
   * its weight: {@code 192.0.2.1 2001:db8::1 out1.example.com weight=3, 192.0.2.2
   * out2.example.com}. Each name should be what DNS says of the address, and the other way round.
   *
   * @throws IllegalArgumentException when it has not this form
   */
  public void setAddresses(String places) {
    pool = Optional.of(SourcePool.parse(places));
  }

  SourcePool pool() {
    return pool.orElseThrow(
        () -> new IllegalArgumentException("a source rule needs the property addresses"));
  }

  boolean isFor(QueuedMail mail) {
    return senderDomains.map(names -> isFrom(names, mail)).orElse(true)
        && users.map(names -> names(names, mail.notes().user())).orElse(true)
        && sites.map(names -> names(names, mail.site())).orElse(true)
        && header.map(name -> hasHeader(name, mail)).orElse(true);
  }

  private static boolean isFrom(List<String> names, QueuedMail mail) {
    String sender = mail.envelope().sender().toString();
    return names(names, sender.substring(sender.lastIndexOf('@') + 1));
  }

  private boolean hasHeader(String name, QueuedMail mail) {
    String value = mail.content().header().value(name).strip();
    return !value.isEmpty() && (headerValue.isEmpty() || value.equalsIgnoreCase(headerValue));
  }

  private static boolean names(List<String> names, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return names.stream()
        .anyMatch(
            one ->
                one.equals("*")
                    || one.equals(lower)
                    || one.startsWith("*.") && lower.endsWith(one.substring(1)));
  }

  private static List<String> names(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(name -> name.strip().toLowerCase(Locale.ROOT))
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
