package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import dev.caravan.mail.MailId;
import jakarta.mail.internet.MimeUtility;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.james.mime4j.codec.EncoderUtil;

/** Makes an RFC 5322 message of addresses, a subject and a text. */
final class MessageComposer {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int LINE = 76;

  private final String hostname;

  MessageComposer(String hostname) {
    this.hostname = hostname;
  }

  /** The whole message, encoded so that it is 7-bit clean. */
  Content compose(
      MailId id,
      Instant now,
      AddressList from,
      AddressList to,
      AddressList cc,
      String subject,
      String contentType,
      String text)
      throws RefusedException {
    AddressList.requireOneLine("subject", subject);
    AddressList.requireOneLine("contentType", contentType);
    StringBuilder message = new StringBuilder(text.length() * 4 / 3 + 512);
    addressField(message, "From", from);
    addressField(message, "To", to);
    addressField(message, "Cc", cc);
    message.append("Subject: ").append(encoded(subject)).append("\r\n");
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

  /** A text for a field: encoded words in UTF-8 where it needs them, folded (RFC 2047, 5322). */
  private static String encoded(String text) {
    boolean plain =
        text.chars().allMatch(c -> c >= ' ' && c < 127)
            && Arrays.stream(text.split(" ")).allMatch(word -> word.length() < LINE);
    return plain
        ? MimeUtility.fold("Subject: ".length(), text)
        : EncoderUtil.encodeEncodedWord(
                text,
                EncoderUtil.Usage.TEXT_TOKEN,
                "Subject: ".length(),
                StandardCharsets.UTF_8,
                EncoderUtil.Encoding.B)
            .replace("?= =?", "?=\r\n =?");
  }

  private static void addressField(StringBuilder message, String name, AddressList list) {
    if (!list.isEmpty()) {
      field(
          message,
          name,
          list.mailboxes().stream()
              .map(AddressList.Entry::encoded)
              .collect(Collectors.joining(",\r\n ")));
    }
  }

  private static void field(StringBuilder message, String name, String value) {
    message.append(name).append(": ").append(value).append("\r\n");
  }
}
