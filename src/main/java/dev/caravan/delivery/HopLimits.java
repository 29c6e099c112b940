package dev.caravan.delivery;

import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a server takes at most (RFC 9422).
 *
 * @param mails over one connection
 * @param recipients in one transaction
 * @param domains of the recipients of one transaction
 */
record HopLimits(int mails, int recipients, int domains) {
  /** RFC 5321, 4.5.3.1.8: a server must take 100 recipients. */
  private static final int RECIPIENTS_MAX = 100;

  static final HopLimits NONE = new HopLimits(Integer.MAX_VALUE, RECIPIENTS_MAX, RECIPIENTS_MAX);

  /** Reads the value of LIMITS; what is no limit that we know is passed over (RFC 9422, 4). */
  static HopLimits parse(String value) {
    HopLimits limits = NONE;
    for (String word : value.toUpperCase(Locale.ROOT).split("[ ;]+")) {
      int equals = word.indexOf('=');
      if (equals < 0 || !word.substring(equals + 1).matches("[1-9][0-9]{0,5}")) {
        continue;
      }
      int max = Integer.parseInt(word.substring(equals + 1));
      limits =
          switch (word.substring(0, equals)) {
            case "MAILMAX" -> new HopLimits(max, limits.recipients, limits.domains);
            case "RCPTMAX" ->
                new HopLimits(limits.mails, Math.min(max, RECIPIENTS_MAX), limits.domains);
            case "RCPTDOMAINMAX" -> new HopLimits(limits.mails, limits.recipients, max);
            default -> limits;
          };
    }
    return limits;
  }

  /** The first transaction: as many of these as may travel together, at least one. */
  List<EmailAddress> first(List<EmailAddress> open) {
    List<EmailAddress> together = new ArrayList<>();
    Set<Domain> seen = new HashSet<>();
    for (EmailAddress recipient : open) {
      boolean fits = seen.contains(recipient.domain()) || seen.size() < domains;
      if (fits && together.size() < recipients) {
        seen.add(recipient.domain());
        together.add(recipient);
      }
    }
    return together;
  }
}
