package dev.caravan.camel.jms;

import dev.caravan.mail.EmailAddress;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.UnsupportedEncodingException;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses as a field of a mail has them (RFC 5322, 3.4), read strictly: what isn't surely an
 * address is refused, because the mail would go to somebody else or to nobody.
 *
 * @param mailboxes names and addresses, in order; groups are their members
 */
record AddressList(List<Entry> mailboxes) {
  static final AddressList EMPTY = new AddressList(List.of());

  private static final int ADDRESSES_MAX = 10_000;
  private static final int NAME_MAX = 250;

  /**
   * One address.
   *
   * @param name to show; empty when there is none
   */
  record Entry(String name, EmailAddress address) {
    /** As it stands in a field: the name quoted or encoded as it needs (RFC 2047). */
    String encoded() {
      if (name.isEmpty()) {
        return address.toString();
      }
      try {
        return new InternetAddress(address.toString(), name, "UTF-8").toString();
      } catch (UnsupportedEncodingException e) {
        throw new IllegalStateException("every Java has UTF-8", e);
      }
    }
  }

  AddressList {
    mailboxes = List.copyOf(mailboxes);
  }

  /**
   * Reads a list such as {@code Ann <a@b.example>, c@d.example}; empty for a blank one.
   *
   * @param field what the list is called, for the reason
   */
  static AddressList parse(String field, String list) throws RefusedException {
    requireOneLine(field, list);
    if (list.isBlank()) {
      return EMPTY;
    }
    List<Entry> entries = new ArrayList<>();
    try {
      for (InternetAddress address : InternetAddress.parse(list, true)) {
        InternetAddress[] members =
            address.isGroup() ? address.getGroup(true) : new InternetAddress[] {address};
        for (InternetAddress member : members == null ? new InternetAddress[0] : members) {
          entries.add(entry(field, member));
        }
        if (entries.size() > ADDRESSES_MAX) {
          throw new RefusedException(
              "5.5.3", field + " has more than " + ADDRESSES_MAX + " addresses");
        }
      }
    } catch (AddressException e) {
      throw new RefusedException(
          "5.1.3", field + " has no proper address: " + shown(list) + " (" + e.getMessage() + ")");
    }
    return new AddressList(entries);
  }

  private static Entry entry(String field, InternetAddress address) throws RefusedException {
    String name = address.getPersonal() == null ? "" : address.getPersonal().strip();
    requireOneLine(field, name);
    if (name.length() > NAME_MAX) {
      throw new RefusedException(
          "5.6.0", field + " has a name of more than " + NAME_MAX + " characters");
    }
    try {
      return new Entry(name, EmailAddress.parse(address.getAddress()));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          "5.1.3", field + " has no proper address: " + shown(address.getAddress()));
    }
  }

  /** Nothing that an application sends may begin a field of its own. */
  static void requireOneLine(String field, String value) throws RefusedException {
    if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf(0) >= 0) {
      throw new RefusedException("5.6.0", field + " has a line break in it");
    }
  }

  private static String shown(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 200 ? clean : clean.substring(0, 200) + "...";
  }

  boolean isEmpty() {
    return mailboxes.isEmpty();
  }

  List<EmailAddress> addresses() {
    return mailboxes.stream().map(Entry::address).toList();
  }
}
