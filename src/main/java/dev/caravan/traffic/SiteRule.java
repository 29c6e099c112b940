package dev.caravan.traffic;

import dev.caravan.mail.Names;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What some sites are given instead of what the keys say. A bean: its properties are set in XML. Of
 * several rules that name a site, for each limit the first one that says it counts.
 */
public final class SiteRule {
  private Names sites = Names.NONE;
  private OptionalInt concurrency = OptionalInt.empty();
  private Optional<List<Rate>> rates = Optional.empty();
  private OptionalInt messages = OptionalInt.empty();
  private OptionalInt recipients = OptionalInt.empty();

  /**
   * Names with commas between; {@code *.example.com} is every site below that name, {@code *} all.
   */
  public void setSites(String names) {
    sites = Names.parse(names);
  }

  /** Deliveries at the same time, at most; at least 1. */
  public void setConcurrency(int max) {
    concurrency = OptionalInt.of(atLeastOne("concurrency", max));
  }

  /** Mails in a time, e.g. {@code 10/s,5000/h}; see {@link Rate#parse}. */
  public void setRate(String text) {
    rates = Optional.of(Rate.parse(text));
  }

  /** Mails over one connection before a new one is made; at least 1. */
  public void setMessagesPerConnection(int max) {
    messages = OptionalInt.of(atLeastOne("messagesPerConnection", max));
  }

  /** Recipients of one mail that are told to the server at once; at least 1. */
  public void setRecipientsPerTransaction(int max) {
    recipients = OptionalInt.of(atLeastOne("recipientsPerTransaction", max));
  }

  static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, not " + value);
    }
    return value;
  }

  boolean names(String site) {
    return sites.contain(site);
  }

  OptionalInt concurrency() {
    return concurrency;
  }

  Optional<List<Rate>> rates() {
    return rates;
  }

  OptionalInt messages() {
    return messages;
  }

  OptionalInt recipients() {
    return recipients;
  }
}
