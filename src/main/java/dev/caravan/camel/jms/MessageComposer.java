package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.MailId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.apache.james.mime4j.codec.EncoderUtil;
import org.apache.james.mime4j.dom.address.AddressList;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.address.AddressFormatter;
import org.apache.james.mime4j.field.address.LenientAddressParser;

/** Makes an RFC 5322 message of addresses, a subject and a text. */
final class MessageComposer {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int ADDRESSES_MAX = 10_000;

  private final String hostname;

  MessageComposer(String hostname) {
    this.hostname = hostname;
  }

  /** The addresses of a list such as {@code Ann <a@b.example>, c@d.example}. */
  static List<Mailbox> mailboxes(String name, String list) throws RefusedException {
    if (list.indexOf('\r') >= 0 || list.indexOf('\n') >= 0 || list.indexOf(0) >= 0) {
      throw new RefusedException("5.6.0", name + " has a line break in it");
    }
    if (list.isBlank()) {
      return List.of();
    }
    AddressList parsed = LenientAddressParser.DEFAULT.parseAddressList(list);
    List<Mailbox> mailboxes = new ArrayList<>();
    for (Mailbox mailbox : parsed.flatten()) {
      if (mailbox.getDomain() == null) {
        throw new RefusedException("5.1.3", name + " has no proper address: " + list);
      }
      mailboxes.add(mailbox);
    }
    if (mailboxes.isEmpty() || mailboxes.size() > ADDRESSES_MAX) {
      throw new RefusedException("5.1.3", name + " has no proper address: " + list);
    }
    return mailboxes;
  }

  static List<EmailAddress> addresses(String name, List<Mailbox> mailboxes)
      throws RefusedException {
    List<EmailAddress> addresses = new ArrayList<>();
    for (Mailbox mailbox : mailboxes) {
      try {
        addresses.add(EmailAddress.parse(mailbox.getAddress()));
      } catch (IllegalArgumentException e) {
        throw new RefusedException(
            "5.1.3", name + " has no proper address: " + mailbox.getAddress());
      }
    }
    return addresses;
  }

  /** The whole message, encoded so that it is 7-bit clean. */
  Content compose(
      MailId id,
      Instant now,
      List<Mailbox> from,
      List<Mailbox> to,
      List<Mailbox> cc,
      String subject,
      String contentType,
      String text)
      throws RefusedException {
    oneLine("subject", subject);
    oneLine("contentType", contentType);
    StringBuilder message = new StringBuilder(text.length() * 4 / 3 + 512);
    addressField(message, "From", from);
    addressField(message, "To", to);
    addressField(message, "Cc", cc);
    field(
        message,
        "Subject",
        EncoderUtil.encodeIfNecessary(subject, EncoderUtil.Usage.TEXT_TOKEN, "Subject: ".length()));
    field(message, "Date", DATE.format(now));
    field(message, "Message-ID", "<" + id + "@" + hostname + ">");
    field(message, "MIME-Version", "1.0");
    String type = contentType.isBlank() ? "text/plain" : contentType.strip();
    int semicolon = type.indexOf(';');
    String bare = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
    if (!bare.matches("text/[A-Za-z0-9.+-]{1,60}")) {
      throw new RefusedException(
          "5.6.0", "contentType must be text/plain, text/html or other text");
    }
    field(message, "Content-Type", bare + "; charset=utf-8");
    field(message, "Content-Transfer-Encoding", "base64");
    message.append("\r\n");
    byte[] utf8 = text.replaceAll("\r\n|\r|\n", "\r\n").getBytes(StandardCharsets.UTF_8);
    message.append(Base64.getMimeEncoder(76, new byte[] {'\r', '\n'}).encodeToString(utf8));
    message.append("\r\n");
    return Content.of(message.toString());
  }

  private static void oneLine(String name, String value) throws RefusedException {
    if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf(0) >= 0) {
      throw new RefusedException("5.6.0", name + " has a line break in it");
    }
  }

  private static void addressField(StringBuilder message, String name, List<Mailbox> mailboxes) {
    if (mailboxes.isEmpty()) {
      return;
    }
    message.append(name).append(": ");
    for (int i = 0; i < mailboxes.size(); i++) {
      message.append(AddressFormatter.DEFAULT.encode(mailboxes.get(i)));
      message.append(i < mailboxes.size() - 1 ? ",\r\n " : "\r\n");
    }
  }

  private static void field(StringBuilder message, String name, String value) {
    message.append(name).append(": ").append(value.replace("\r\n ", " ").replace(" =?", "\r\n =?"));
    message.append("\r\n");
  }
}
