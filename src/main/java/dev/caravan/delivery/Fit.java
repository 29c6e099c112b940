package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Header;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Whether and how a server can take a mail, by the extensions it offers; asked before the server is
 * bothered with it.
 *
 * @param utf8 whether it must go with SMTPUTF8
 * @param binary whether the server takes BINARYMIME, by BDAT
 */
record Fit(Hop hop, boolean utf8, boolean binary) {
  private static final Pattern LIMIT = Pattern.compile("\\d{1,18}");

  /**
   * @throws HopException when the server can't take it
   */
  static Fit of(
      QueuedMail mail, List<EmailAddress> recipients, Hop hop, Map<String, String> extensions)
      throws HopException {
    if (isTooBig(mail, extensions.getOrDefault("SIZE", ""))) {
      throw HopException.unfit(
          SmtpReply.of(552, "5.3.4", "Message is bigger than " + hop + " takes"));
    }
    if (mustBeEncrypted(mail) && !extensions.containsKey("REQUIRETLS")) {
      throw HopException.unfit(needsRequireTls(hop));
    }
    boolean utf8 = needsUtf8(mail, recipients);
    if (utf8 && !extensions.containsKey("SMTPUTF8")) {
      throw HopException.unfit(
          SmtpReply.of(553, "5.6.7", hop + " takes no international addresses"));
    }
    boolean binary = extensions.containsKey("BINARYMIME") && extensions.containsKey("CHUNKING");
    return new Fit(hop, utf8, binary);
  }

  /**
   * Whether it may travel only over verified TLS. A report would rather arrive: it is not stopped
   * for a server that can't promise that (RFC 8689, 5).
   */
  static boolean mustBeEncrypted(QueuedMail mail) {
    return mail.envelope().options().requireTls() && !mail.envelope().sender().isNull();
  }

  /** RFC 8689, 4.2.1. */
  static SmtpReply needsRequireTls(Hop hop) {
    return SmtpReply.of(550, "5.7.30", "REQUIRETLS support required: " + hop + " lacks it");
  }

  /** RFC 8689, 4.2.1: the MX record must come by DNSSEC or be named in an MTA-STS policy. */
  static SmtpReply needsAuthenticName(Hop hop) {
    return SmtpReply.of(
        550, "5.7.30", "REQUIRETLS: neither DNSSEC nor MTA-STS vouches for the name of " + hop);
  }

  /**
   * Whether the sender does not mind what the recipient's domain says of TLS (RFC 8689, 5): one
   * field {@code TLS-Required: No}, unless REQUIRETLS came with the mail.
   */
  static boolean isCarefree(QueuedMail mail) {
    List<Header.Field> fields =
        mail.content().header().fields().stream()
            .filter(f -> f.name().equalsIgnoreCase("TLS-Required"))
            .toList();
    return fields.size() == 1
        && mail.content().header().value("TLS-Required").strip().equalsIgnoreCase("No")
        && !mail.envelope().options().requireTls();
  }

  /**
   * The message as it goes to this server.
   *
   * @throws HopException when it can't be brought into a form that the server takes
   */
  Message message(QueuedMail mail) throws HopException {
    if (mail.envelope().body() != MailOptions.Body.BINARY_MIME || binary) {
      return Message.asIs(mail);
    }
    try {
      return BinaryDowngrade.convert(mail.content());
    } catch (BinaryDowngrade.ImpossibleException e) {
      throw HopException.unfit(
          SmtpReply.of(
              554, "5.6.3", hop + " takes no BINARYMIME, and a conversion is not possible"));
    } catch (java.io.IOException e) {
      throw new HopException(Troubles.reply("4.3.0", "a conversion for " + hop + " failed"));
    }
  }

  /** Many clients declare SMTPUTF8 for any mail; it is needed where something is not ASCII. */
  private static boolean needsUtf8(QueuedMail mail, List<EmailAddress> recipients) {
    return mail.envelope().sender().address().filter(EmailAddress::isInternational).isPresent()
        || recipients.stream().anyMatch(EmailAddress::isInternational)
        || mail.envelope().smtpUtf8()
            && mail.content().header().fields().stream()
                .anyMatch(f -> f.raw().chars().anyMatch(c -> c >= 128));
  }

  private static boolean isTooBig(QueuedMail mail, String max) {
    if (!LIMIT.matcher(max).matches()) {
      return false;
    }
    long octets = Long.parseLong(max);
    return octets > 0 && mail.content().size() > octets;
  }
}
