package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Makes an RFC 5322 message of a draft: 7-bit clean, unless an address is not ASCII and the header
 * has to be UTF-8 (RFC 6532).
 */
final class MessageComposer {
  private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(76, new byte[] {'\r', '\n'});
  private static final Pattern TEXT_TYPE = Pattern.compile("text/[A-Za-z0-9.+-]{1,60}");
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
  private static final int SUBJECT_MAX = 10_000;
  private static final int LINE_MAX = 998;

  private final String hostname;

  MessageComposer(String hostname) {
    this.hostname = hostname;
  }

  /** The field Date, with its CRLF. */
  static String date(Instant at) {
    return "Date: " + MailDate.of(at) + "\r\n";
  }

  /** A field Message-ID, with its CRLF. */
  String messageId(MailId id) {
    return "Message-ID: <" + id + "@" + hostname + ">\r\n";
  }

  /**
   * The whole message. Bcc is nowhere in it.
   *
   * @throws RefusedException for a subject, type or file name that can't be written
   */
  Content compose(MailId id, Instant now, Draft draft) throws RefusedException {
    String type = textType(draft.contentType());
    StringBuilder message = new StringBuilder(draft.text().length() + 1024);
    message.append(HeaderText.addresses("From", draft.from()));
    if (draft.from().size() > 1) {
      // Several authors need one sender (RFC 5322, 3.6.2).
      message.append(HeaderText.addresses("Sender", draft.from().subList(0, 1)));
    }
    addresses(message, "To", draft.to());
    addresses(message, "Cc", draft.cc());
    subject(message, draft.subject());
    message.append(date(now)).append(messageId(id)).append("MIME-Version: 1.0\r\n");
    if (draft.attachments().isEmpty()) {
      text(message, type, draft.text());
      return Content.of(message.toString());
    }
    String boundary = "=_" + id;
    message.append("Content-Type: multipart/mixed; boundary=\"").append(boundary).append("\"\r\n");
    message.append("\r\n--").append(boundary).append("\r\n");
    text(message, type, draft.text());
    for (Attachment attachment : draft.attachments()) {
      message.append("\r\n--").append(boundary).append("\r\n");
      attachment(message, attachment);
    }
    message.append("\r\n--").append(boundary).append("--\r\n");
    return Content.of(message.toString());
  }

  private static void addresses(StringBuilder message, String name, List<Mailbox> mailboxes) {
    if (!mailboxes.isEmpty()) {
      message.append(HeaderText.addresses(name, mailboxes));
    }
  }

  private static void subject(StringBuilder message, String subject) throws RefusedException {
    HeaderText.requireOneLine("subject", subject);
    if (subject.length() > SUBJECT_MAX) {
      throw new RefusedException("5.6.0", "subject has more than 10000 characters");
    }
    if (!subject.isEmpty()) {
      message.append(HeaderText.unstructured("Subject", subject));
    }
  }

  /** The type without parameters: the charset is always ours. */
  private static String textType(String contentType) throws RefusedException {
    HeaderText.requireOneLine("contentType", contentType);
    int semicolon = contentType.indexOf(';');
    String bare = (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).strip();
    if (bare.isEmpty()) {
      return "text/plain";
    }
    if (!TEXT_TYPE.matcher(bare).matches()) {
      throw new RefusedException(
          "5.6.0", "contentType must be text/plain, text/html or other text, not " + bare);
    }
    return bare;
  }

  private static void text(StringBuilder message, String type, String text) {
    String lines = LINE_END.matcher(text).replaceAll("\r\n");
    boolean asIs = isSevenBit(lines);
    message.append("Content-Type: ").append(type).append("; charset=utf-8\r\n");
    message.append("Content-Transfer-Encoding: ").append(asIs ? "7bit" : "base64").append("\r\n");
    message.append("\r\n");
    message.append(asIs ? lines : BASE64.encodeToString(lines.getBytes(StandardCharsets.UTF_8)));
    if (message.charAt(message.length() - 1) != '\n') {
      message.append("\r\n");
    }
  }

  /** ASCII in lines that every server takes (RFC 2045, 2.7). */
  private static boolean isSevenBit(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length = c == '\n' || c == '\r' ? 0 : length + 1;
      boolean printable = c >= ' ' && c < 127 || c == '\t' || c == '\r' || c == '\n';
      if (!printable || length > LINE_MAX) {
        return false;
      }
    }
    return true;
  }

  private static void attachment(StringBuilder message, Attachment attachment)
      throws RefusedException {
    message.append("Content-Type: ").append(typeOf(attachment.name())).append("\r\n");
    message.append("Content-Disposition: attachment;\r\n ");
    message.append(FileName.parameter(attachment.name())).append("\r\n");
    message.append("Content-Transfer-Encoding: base64\r\n\r\n");
    message.append(BASE64.encodeToString(attachment.octets())).append("\r\n");
  }

  /** By the name's ending; never a type whose parts may not be encoded (RFC 2046, 5). */
  private static String typeOf(String fileName) {
    return Optional.ofNullable(URLConnection.guessContentTypeFromName(fileName))
        .filter(type -> type.matches("(?:application|audio|image|text|video)/[A-Za-z0-9.+-]{1,60}"))
        .orElse("application/octet-stream");
  }
}
