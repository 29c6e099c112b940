package dev.caravan.delivery;

import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailOptions;
import dev.caravan.smtp.Xtext;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * MAIL and RCPT as this server understands them: what was asked for is passed on where the server
 * offers the extension, and left out where it does not.
 *
 * @param extensions what the server offers, names in upper case
 * @param utf8 whether the mail goes with SMTPUTF8
 */
record EnvelopeCommands(Envelope envelope, Map<String, String> extensions, boolean utf8) {

  /**
   * MAIL FROM.
   *
   * @param size octets of the message
   * @param body the type it has now, which may have been converted
   */
  String mailFrom(long size, MailOptions.Body body) {
    MailOptions options = envelope.options();
    StringBuilder line = new StringBuilder("MAIL FROM:<").append(envelope.sender()).append('>');
    if (offers("SIZE")) {
      line.append(" SIZE=").append(size);
    }
    // 8-bit content for a server without 8BITMIME is sent as it is, though RFC 6152, 3 wants it
    // converted or returned: a conversion would break signatures, a return would lose mail, and no
    // such server has been seen to mind.
    if (body == MailOptions.Body.BINARY_MIME
        || body == MailOptions.Body.EIGHT_BIT_MIME && offers("8BITMIME")) {
      line.append(" BODY=").append(body.keyword());
    }
    if (utf8) {
      line.append(" SMTPUTF8");
    }
    if (options.requireTls() && offers("REQUIRETLS")) {
      line.append(" REQUIRETLS");
    }
    if (options.priority() != 0 && offers("MT-PRIORITY")) {
      line.append(" MT-PRIORITY=").append(options.priority());
    }
    if (offers("DSN")) {
      switch (options.returned()) {
        case UNSTATED -> {
          // the server decides
        }
        case FULL -> line.append(" RET=FULL");
        case HEADERS -> line.append(" RET=HDRS");
      }
      if (!options.envelopeId().isEmpty()) {
        line.append(" ENVID=").append(options.envelopeId());
      }
    }
    return line.toString();
  }

  /** RCPT TO; who asked for something and named no original recipient is it (RFC 3461, 5.2.1). */
  String rcptTo(EmailAddress recipient) {
    StringBuilder line = new StringBuilder("RCPT TO:<").append(recipient).append('>');
    DsnRequest asked = envelope.dsn(recipient);
    if (!offers("DSN") || asked.equals(DsnRequest.NONE)) {
      return line.toString();
    }
    if (!asked.notifications().isEmpty()) {
      line.append(" NOTIFY=")
          .append(
              new TreeSet<>(asked.notifications())
                  .stream().map(DsnRequest.Notify::name).collect(Collectors.joining(",")));
    }
    String original =
        asked.originalRecipient().isEmpty() ? typed(recipient) : asked.originalRecipient();
    return line.append(" ORCPT=").append(utf8 ? original : ascii(original)).toString();
  }

  private boolean offers(String extension) {
    return extensions.containsKey(extension);
  }

  private static String typed(EmailAddress address) {
    String text = address.toString();
    return address.isInternational() ? "utf-8;" + escaped(text) : "rfc822;" + Xtext.encode(text);
  }

  /** An address that may stand as it is where UTF-8 may (RFC 6533, 3: utf-8-addr-unitext). */
  private static String escaped(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c > ' ' && c != '\\' && c != '+' && c != '=' && c != 127) {
                plain.appendCodePoint(c);
              } else {
                plain.append(String.format("\\x{%02X}", c));
              }
            });
    return plain.toString();
  }

  /** The same in ASCII: utf-8-addr-xtext. */
  private static String ascii(String text) {
    StringBuilder ascii = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c < 128) {
                ascii.append((char) c);
              } else {
                ascii.append(String.format("\\x{%02X}", c));
              }
            });
    return ascii.toString();
  }
}
