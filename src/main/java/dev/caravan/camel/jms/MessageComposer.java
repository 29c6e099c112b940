package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URLConnection;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Makes an RFC 5322 message of a draft: 7-bit clean, unless an address is not ASCII and the header
 * has to be UTF-8 (RFC 6532).
 */
final class MessageComposer {
  private static final Pattern TEXT_TYPE = Pattern.compile("text/[A-Za-z0-9.+-]{1,60}");
  private static final int SUBJECT_MAX = 10_000;

  private final String hostname;
  private final Workspace room;

  /** Composes in memory. */
  MessageComposer(String hostname) {
    this(hostname, Workspace.MEMORY);
  }

  /**
   * @param room where large messages are put together
   */
  MessageComposer(String hostname, Workspace room) {
    this.hostname = hostname;
    this.room = room;
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
    return MimeParts.content(header(id, now, draft), body(draft), "=_" + id, room);
  }

  private String header(MailId id, Instant now, Draft draft) throws RefusedException {
    StringBuilder header = new StringBuilder(1024);
    header.append(HeaderText.addresses("From", draft.from()));
    if (draft.from().size() > 1) {
      // Several authors need one sender (RFC 5322, 3.6.2).
      header.append(HeaderText.addresses("Sender", draft.from().subList(0, 1)));
    }
    addresses(header, "Reply-To", draft.replyTo());
    addresses(header, "To", draft.to());
    addresses(header, "Cc", draft.cc());
    subject(header, draft.subject());
    header.append(date(now)).append(messageId(id)).append("MIME-Version: 1.0\r\n");
    for (Draft.Field field : draft.fields()) {
      header.append(OwnFields.text(field));
    }
    return header.toString();
  }

  /** The best form last (RFC 2046, 5.1.4); what the HTML shows stands beside it (RFC 2387). */
  private static MimeParts.Part body(Draft draft) throws RefusedException {
    List<MimeParts.Part> inline = new ArrayList<>();
    List<MimeParts.Part> attached = new ArrayList<>();
    for (Attachment attachment : draft.attachments()) {
      (attachment.isInline() && isHtml(draft) ? inline : attached).add(file(attachment));
    }
    MimeParts.Part body = shown(draft, inline);
    if (attached.isEmpty()) {
      return body;
    }
    attached.addFirst(body);
    return new MimeParts.Several("mixed", attached);
  }

  private static boolean isHtml(Draft draft) {
    return !draft.html().isEmpty() || draft.contentType().strip().startsWith("text/html");
  }

  private static MimeParts.Part shown(Draft draft, List<MimeParts.Part> inline)
      throws RefusedException {
    MimeParts.Part text = new MimeParts.Text(textType(draft.contentType()), draft.text());
    if (draft.html().isEmpty()) {
      return related(text, inline);
    }
    MimeParts.Part html = related(new MimeParts.Text("text/html", draft.html()), inline);
    return draft.text().isEmpty()
        ? html
        : new MimeParts.Several("alternative", List.of(text, html));
  }

  private static MimeParts.Part related(MimeParts.Part root, List<MimeParts.Part> inline) {
    if (inline.isEmpty()) {
      return root;
    }
    List<MimeParts.Part> parts = new ArrayList<>(inline);
    parts.addFirst(root);
    return new MimeParts.Several("related; type=\"text/html\"", parts);
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

  private static MimeParts.Part file(Attachment attachment) throws RefusedException {
    return new MimeParts.File(
        typeOf(attachment),
        FileName.parameter(attachment.name()),
        attachment.id(),
        attachment.file());
  }

  /** Of a text whose charset nobody said, it is what the octets are. */
  private static String typeOf(Attachment attachment) {
    String type = attachment.type().isEmpty() ? byName(attachment.name()) : attachment.type();
    boolean unsaid = type.startsWith("text/") && type.indexOf(';') < 0;
    return unsaid && isUtf8(attachment.file()) ? type + "; charset=utf-8" : type;
  }

  private static boolean isUtf8(Content octets) {
    // Unlike a charset, a decoder does not replace what it can't read.
    try (Reader text = new InputStreamReader(octets.open(), StandardCharsets.UTF_8.newDecoder())) {
      text.transferTo(Writer.nullWriter());
      return true;
    } catch (CharacterCodingException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** By the name's ending; never a type whose parts may not be encoded (RFC 2046, 5). */
  private static String byName(String fileName) {
    return Optional.ofNullable(URLConnection.guessContentTypeFromName(fileName))
        .filter(type -> type.matches("(?:application|audio|image|text|video)/[A-Za-z0-9.+-]{1,60}"))
        .orElse("application/octet-stream");
  }
}
