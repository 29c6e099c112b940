package dev.caravan.delivery;

import dev.caravan.delivery.auth.SelfCheck;
import dev.caravan.mail.Names;
import dev.caravan.queue.QueuedMail;
import java.util.Optional;

/**
 * From where some mail is sent. A bean: its properties are set in XML. It is for mail that meets
 * all of its conditions; without a condition it is for all mail.
 *
 * <p>Names are written with commas between; {@code *.example.com} is every name below that one,
 * {@code *} any.
 */
public final class SourceRule implements SelfCheck {
  private static final String WITHOUT_ADDRESSES = "a source rule needs the property addresses";

  private String name = "";
  private Optional<Names> senderDomains = Optional.empty();
  private Optional<Names> sites = Optional.empty();
  private Optional<Names> users = Optional.empty();
  private Optional<String> header = Optional.empty();
  private String headerValue = "";
  private Optional<SourcePool> pool = Optional.empty();

  /** For people, and in the names of lanes; the first place unless it is set. */
  public void setName(String text) {
    name = text.strip();
    pool = pool.map(places -> places.named(name));
  }

  /** Mail from a sender in one of these domains; a bounce has none. */
  public void setSenderDomains(String names) {
    senderDomains = Optional.of(Names.parse(names));
  }

  /** Mail from one of these users, who had logged in. */
  public void setUsers(String names) {
    users = Optional.of(Names.parse(names));
  }

  /** Mail to one of these sites, as the events name them. */
  public void setSites(String names) {
    sites = Optional.of(Names.parse(names));
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
    SourcePool parsed = SourcePool.parse(places);
    pool = Optional.of(name.isEmpty() ? parsed : parsed.named(name));
  }

  SourcePool pool() {
    return pool.orElseThrow(() -> new IllegalArgumentException(WITHOUT_ADDRESSES));
  }

  @Override
  public Optional<String> problem() {
    return pool.isPresent() ? Optional.empty() : Optional.of(WITHOUT_ADDRESSES);
  }

  /** Whether all mail is meant that no earlier rule is for. */
  boolean isForAll() {
    return senderDomains.isEmpty() && sites.isEmpty() && users.isEmpty() && header.isEmpty();
  }

  boolean looksAtHeader() {
    return header.isPresent();
  }

  boolean isFor(QueuedMail mail) {
    return senderDomains.map(names -> isFrom(names, mail)).orElse(true)
        && users.map(names -> names.contain(mail.notes().user())).orElse(true)
        && sites.map(names -> names.contain(mail.site())).orElse(true)
        && header.map(name -> hasHeader(name, mail)).orElse(true);
  }

  private static boolean isFrom(Names names, QueuedMail mail) {
    String sender = mail.envelope().sender().toString();
    return names.contain(sender.substring(sender.lastIndexOf('@') + 1));
  }

  private boolean hasHeader(String name, QueuedMail mail) {
    String value = mail.content().header().value(name).strip();
    return !value.isEmpty() && (headerValue.isEmpty() || value.equalsIgnoreCase(headerValue));
  }
}
