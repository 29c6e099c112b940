package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.smtp.ReceivedField;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a submission in the formats of the contract: a raw RFC 5322 message with envelope
 * properties, a text with properties, a map, or JSON with the same keys.
 */
final class Submission {
  private final String hostname;
  private final Workspace room;
  private final MessageComposer composer;
  private final int recipientsMax;
  private final long sizeMax;

  Submission(String hostname, int recipientsMax, long sizeMax) {
    this(hostname, recipientsMax, sizeMax, Workspace.MEMORY);
  }

  /**
   * @param room where large messages are put together
   */
  Submission(String hostname, int recipientsMax, long sizeMax, Workspace room) {
    this.hostname = hostname;
    this.room = room;
    this.composer = new MessageComposer(hostname, room);
    this.recipientsMax = recipientsMax;
    this.sizeMax = sizeMax;
  }

  /**
   * A submission that has been read and has no name yet.
   *
   * @param draft empty when the body is a whole message
   */
  record Opened(Map<String, Object> properties, Object body, Optional<Draft> draft, Wishes wishes) {
    /** The names of the files that it has staged before. */
    List<String> staged() {
      return draft.map(Draft::staged).orElse(List.of());
    }
  }

  /**
   * Reads it.
   *
   * @param body as {@link JmsPayload#body} gives it
   * @throws RefusedException with a sentence that says what to do
   */
  static Opened open(Map<String, Object> properties, Object body) throws RefusedException {
    if (body instanceof JmsPayload.Unsupported unsupported) {
      throw new RefusedException(
          "5.6.0",
          "a "
              + unsupported.kind()
              + " is no mail: send a BytesMessage, a TextMessage or a MapMessage");
    }
    String format = format(properties, body);
    return switch (format) {
      case "rfc5322" ->
          new Opened(properties, body, Optional.empty(), Wishes.of(properties, Map.of()));
      case "text" ->
          opened(properties, body, new DraftReader.Found(DraftReader.ofText(properties, body)));
      case "map" -> opened(properties, body, DraftReader.ofMap(body));
      case "json" -> opened(properties, body, DraftReader.ofJson(body));
      default ->
          throw new RefusedException(
              "5.6.0", "format must be rfc5322, text, map or json, not " + format);
    };
  }

  /**
   * Reads one in JSON.
   *
   * @param properties what else was said of it
   * @throws IOException when it can't be had
   */
  static Opened ofJson(InputStream json, Map<String, Object> properties)
      throws RefusedException, IOException {
    return opened(properties, "", JsonReader.read(json));
  }

  private static Opened opened(Map<String, Object> properties, Object body, DraftReader.Found found)
      throws RefusedException {
    Wishes wishes = Wishes.of(properties, found.wishes());
    return new Opened(properties, body, Optional.of(found.draft()), wishes);
  }

  /**
   * Makes it a mail of this name.
   *
   * @throws RefusedException with a sentence that says what to do
   */
  Mail mail(Opened opened, MailId id, Origin origin) throws RefusedException {
    return mail(opened, id, origin, StagedFiles.NONE);
  }

  /**
   * The same, with files that were staged before.
   *
   * @throws IllegalStateException when they can't be fetched now
   */
  Mail mail(Opened opened, MailId id, Origin origin, StagedFiles files) throws RefusedException {
    return opened.draft().isPresent()
        ? composed(id, origin, opened.draft().get(), files)
        : raw(id, origin, opened.properties(), opened.body());
  }

  /** The name of its format, as said or as it looks. */
  static String format(Map<String, Object> properties, Object body) {
    Object said = properties.get("format");
    if (said != null) {
      return said.toString();
    }
    if (body instanceof Map) {
      return "map";
    }
    if (properties.containsKey("rcptTo") || properties.containsKey("mailFrom")) {
      return "rfc5322";
    }
    if (properties.containsKey("to")) {
      return "text";
    }
    boolean json =
        switch (body) {
          case String text -> text.stripLeading().startsWith("{");
          // Protocols without texts; no field name of a header begins so.
          case byte[] octets -> octets.length > 0 && octets[0] == '{';
          default -> false;
        };
    return json ? "json" : "rfc5322";
  }

  // Raw.

  private Mail raw(MailId id, Origin origin, Map<String, Object> properties, Object body)
      throws RefusedException {
    Content content = rawContent(body);
    Header header = content.header();
    if (header.fields().isEmpty()) {
      throw new RefusedException(
          "5.6.0", "the message does not begin with header fields; set format, or to and subject");
    }
    String rcptTo = property(properties, "rcptTo");
    List<EmailAddress> recipients = new ArrayList<>();
    if (rcptTo.isBlank()) {
      for (String name : List.of("To", "Cc", "Bcc")) {
        for (Header.Field field : header.all(name)) {
          recipients.addAll(addresses(name, utf8(field.value())));
        }
      }
      content = withoutBcc(content, header);
    } else {
      recipients.addAll(addresses("rcptTo", rcptTo));
    }
    required(recipients);
    Object from = properties.get("mailFrom");
    ReversePath sender = from == null ? senderOf(header) : reversePath(from.toString().strip());
    return mail(id, origin, new Envelope(sender, recipients), withNeeded(content, id, origin));
  }

  private static Content rawContent(Object body) throws RefusedException {
    return switch (body) {
      case byte[] octets -> Content.of(Crlf.of(octets));
      case String text -> Content.of(Crlf.of(text.getBytes(StandardCharsets.UTF_8)));
      case Path file -> {
        try {
          yield Content.of(file, Files.size(file));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      default -> throw new RefusedException("5.6.0", "format rfc5322 needs a text or bytes");
    };
  }

  private static Content withoutBcc(Content content, Header header) {
    if (header.all("Bcc").isEmpty()) {
      return content;
    }
    StringBuilder kept = new StringBuilder(header.octets());
    header.fields().stream().filter(f -> !f.is("Bcc")).forEach(f -> kept.append(f.raw()));
    return content.withHeader(
        kept.toString().getBytes(StandardCharsets.ISO_8859_1), header.octets());
  }

  /** With Date and Message-ID where they are missing (RFC 6409, 8.2 and 8.3). */
  private Content withNeeded(Content content, MailId id, Origin origin) {
    Header header = content.header();
    String date = header.first("Date").isPresent() ? "" : MessageComposer.date(origin.at());
    String messageId = header.first("Message-ID").isPresent() ? "" : composer.messageId(id);
    return date.isEmpty() && messageId.isEmpty() ? content : content.prepend(date + messageId);
  }

  private static ReversePath senderOf(Header header) throws RefusedException {
    for (String name : List.of("Sender", "From")) {
      Optional<Header.Field> field = header.first(name);
      if (field.isPresent()) {
        List<EmailAddress> addresses = addresses(name, utf8(field.get().value()));
        if (!addresses.isEmpty()) {
          return ReversePath.of(addresses.getFirst());
        }
      }
    }
    throw new RefusedException("5.1.7", "no sender: set mailFrom, or a From field");
  }

  private static ReversePath reversePath(String text) throws RefusedException {
    boolean bracketed = text.length() >= 2 && text.startsWith("<") && text.endsWith(">");
    try {
      return ReversePath.parse(bracketed ? text.substring(1, text.length() - 1) : text);
    } catch (IllegalArgumentException e) {
      throw RefusedException.noAddress("mailFrom", text);
    }
  }

  private static List<EmailAddress> addresses(String property, String list)
      throws RefusedException {
    return AddressParser.parse(property, list).stream().map(Mailbox::address).toList();
  }

  /** Octets as ISO 8859-1 read as the UTF-8 they most likely are. */
  private static String utf8(String octets) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return octets;
    }
  }

  // Composed.

  private Mail composed(MailId id, Origin origin, Draft draft, StagedFiles files)
      throws RefusedException {
    requireSize(draft.octets());
    if (draft.staged().isEmpty()) {
      return composed(id, origin, draft);
    }
    Draft whole = files.fetched(draft, room, sizeMax - draft.octets());
    try {
      return composed(id, origin, whole);
    } finally {
      StagedFiles.discard(whole);
    }
  }

  private Mail composed(MailId id, Origin origin, Draft draft) throws RefusedException {
    boolean utf8 = draft.isInternational();
    Envelope envelope =
        new Envelope(
            draft.sender(),
            required(draft.recipients()),
            MailOptions.of(
                utf8 ? MailOptions.Body.EIGHT_BIT_MIME : MailOptions.Body.SEVEN_BIT, utf8));
    Content content = composer.compose(id, origin.at(), draft);
    try {
      return mail(id, origin, envelope, content);
    } catch (RefusedException e) {
      Workspace.discard(content);
      throw e;
    }
  }

  // Both.

  private Mail mail(MailId id, Origin origin, Envelope envelope, Content content)
      throws RefusedException {
    requireSize(content.size());
    String received = ReceivedField.of(hostname, id, origin, envelope);
    return new Mail(id, origin, envelope, content.prepend(received));
  }

  private List<EmailAddress> required(List<EmailAddress> recipients) throws RefusedException {
    if (recipients.isEmpty()) {
      throw new RefusedException("5.1.3", "no recipients: set rcptTo or to");
    }
    if (recipients.size() > recipientsMax) {
      throw new RefusedException(
          "5.5.3", "more than " + recipientsMax + " recipients; split the mail");
    }
    return recipients;
  }

  private void requireSize(long octets) throws RefusedException {
    if (octets > sizeMax) {
      throw new RefusedException("5.3.4", "the message exceeds the size limit of " + sizeMax);
    }
  }

  private static String property(Map<String, Object> properties, String name) {
    Object value = properties.get(name);
    return value == null ? "" : value.toString();
  }
}
