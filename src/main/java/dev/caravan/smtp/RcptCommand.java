package dev.caravan.smtp;

import dev.caravan.mail.Domain;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.DsnRequest.Notify;
import dev.caravan.mail.EmailAddress;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** RCPT TO and its parameters. */
record RcptCommand(EmailAddress recipient, DsnRequest dsn) {
  private static final Pattern ADDRESS_TYPE = Pattern.compile("[A-Za-z0-9-]{1,60}");
  private static final int ORCPT_MAX = 500;

  /**
   * Reads what follows the verb.
   *
   * @param hostname of {@code <postmaster>} without a domain (RFC 5321, 4.5.1)
   * @param smtpUtf8 whether MAIL had that parameter
   * @throws Refusal when it is malformed
   */
  static RcptCommand parse(String argument, String hostname, boolean smtpUtf8) throws Refusal {
    MailParameters path =
        MailParameters.parse(argument, "TO").orElseThrow(() -> new Refusal(Replies.SYNTAX_ERROR));
    Set<Notify> notifications = Set.of();
    String original = "";
    for (Map.Entry<String, String> parameter : path.parameters().entrySet()) {
      switch (parameter.getKey()) {
        case "NOTIFY" -> notifications = notifications(parameter.getValue());
        case "ORCPT" -> original = original(parameter.getValue());
        default -> throw new Refusal(Replies.UNKNOWN_PARAMETER);
      }
    }
    if (!smtpUtf8 && !MailParameters.isAscii(path.address())) {
      throw new Refusal(Replies.NEEDS_SMTPUTF8_PARAMETER);
    }
    return new RcptCommand(recipient(path, hostname), new DsnRequest(notifications, original));
  }

  private static EmailAddress recipient(MailParameters path, String hostname) throws Refusal {
    try {
      return path.address().equalsIgnoreCase("postmaster")
          ? new EmailAddress("postmaster", new Domain(hostname))
          : path.mailbox();
    } catch (IllegalArgumentException e) {
      throw new Refusal(Replies.BAD_RECIPIENT);
    }
  }

  private static Set<Notify> notifications(String value) throws Refusal {
    Set<Notify> all = EnumSet.noneOf(Notify.class);
    for (String word : value.toUpperCase(Locale.ROOT).split(",", -1)) {
      try {
        all.add(Notify.valueOf(word));
      } catch (IllegalArgumentException e) {
        throw new Refusal(Replies.SYNTAX_ERROR);
      }
    }
    if (all.contains(Notify.NEVER) && all.size() > 1) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    return all;
  }

  /** {@code rfc822;Bob+40x}: a type and an address in xtext (RFC 3461, 4.2). */
  private static String original(String value) throws Refusal {
    int semicolon = value.indexOf(';');
    boolean right =
        value.length() <= ORCPT_MAX
            && semicolon > 0
            && semicolon < value.length() - 1
            && ADDRESS_TYPE.matcher(value.substring(0, semicolon)).matches()
            && Xtext.isPlain(value.substring(semicolon + 1));
    if (!right) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    return value;
  }
}
