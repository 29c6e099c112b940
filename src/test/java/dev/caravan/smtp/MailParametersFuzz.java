package dev.caravan.smtp;

import dev.caravan.mail.EmailAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Any argument of MAIL or RCPT is read or refused, and what is read holds no line end. */
public final class MailParametersFuzz {
  private MailParametersFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String argument = new String(input, StandardCharsets.ISO_8859_1);
    for (String keyword : new String[] {"FROM", "TO"}) {
      Optional<MailParameters> parsed = MailParameters.parse(argument, keyword);
      if (parsed.isEmpty()) {
        continue;
      }
      for (Map.Entry<String, String> p : parsed.get().parameters().entrySet()) {
        require(p.getKey().matches("[A-Z0-9][A-Z0-9-]*"), "a keyword: " + p.getKey());
        require(p.getValue().matches("[^\\x00-\\x20=\\x7f]*"), "a value: " + p.getValue());
      }
      try {
        EmailAddress mailbox = parsed.get().mailbox();
        require(mailbox.toString().matches("[^\\x00-\\x1f\\x7f]+"), "an address: " + mailbox);
        require(mailbox.localPart().equals(localPart(parsed.get())), "the local part as written");
      } catch (IllegalArgumentException e) {
        // refused with 553
      }
    }
  }

  private static String localPart(MailParameters parsed) {
    return parsed.address().substring(0, parsed.address().lastIndexOf('@'));
  }

  private static void require(boolean truth, String what) {
    if (!truth) {
      throw new AssertionError(what);
    }
  }
}
