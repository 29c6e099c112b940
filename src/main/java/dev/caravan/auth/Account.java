package dev.caravan.auth;

import dev.caravan.mail.EmailAddress;
import java.util.List;

/**
 * Who may log in, and what then.
 *
 * @param enabled whether it may log in at all
 * @param senders addresses ({@code a@example.com}) and domains ({@code example.com}, with
 *     sub-domains {@code .example.com}) that it may send as; empty = any
 * @param messagesPerHour of its own; 0 = as the settings say
 * @param recipientsPerHour of its own; 0 = as the settings say
 * @param sizeMax octets of a mail, if the settings allow that many; 0 = as the settings say
 */
public record Account(
    String name,
    boolean enabled,
    List<String> senders,
    int messagesPerHour,
    int recipientsPerHour,
    long sizeMax) {
  public Account {
    senders = List.copyOf(senders);
  }

  /** One whose mails have no size limit of their own. */
  public Account(
      String name,
      boolean enabled,
      List<String> senders,
      int messagesPerHour,
      int recipientsPerHour) {
    this(name, enabled, senders, messagesPerHour, recipientsPerHour, 0);
  }

  /** The same, allowed to log in or not. */
  public Account withEnabled(boolean may) {
    return new Account(name, may, senders, messagesPerHour, recipientsPerHour, sizeMax);
  }

  /** Whether it may send as this address. */
  public boolean maySendAs(EmailAddress address) {
    return senders.isEmpty()
        || senders.stream()
            .anyMatch(
                s ->
                    s.indexOf('@') >= 0
                        ? s.equalsIgnoreCase(address.toString())
                        : address.domain().matches(s));
  }
}
