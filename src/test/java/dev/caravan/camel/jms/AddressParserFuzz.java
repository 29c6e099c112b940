package dev.caravan.camel.jms;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any list of addresses is read or refused, and no line end gets through it into a header. */
public final class AddressParserFuzz {
  private AddressParserFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String list = new String(input, StandardCharsets.UTF_8);
    List<Mailbox> mailboxes;
    try {
      mailboxes = AddressParser.parse("to", list);
    } catch (RefusedException e) {
      return;
    }
    for (Mailbox mailbox : mailboxes) {
      if (mailbox.toString().matches("(?s).*[\r\n\0].*")) {
        throw new AssertionError("a line end in " + mailbox);
      }
      if (!list.contains(mailbox.address().localPart().replaceAll("^\"|\"$", ""))
          && list.indexOf('\\') < 0
          && list.indexOf('"') < 0) {
        throw new AssertionError("an address that nobody wrote: " + mailbox);
      }
    }
  }
}
