package dev.caravan.camel.jms;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.smtp.ReceivedField;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a submission in the formats of the contract: a raw RFC 5322 message with envelope
 * properties, a text with properties, a map, or JSON with the same keys.
 */
final class Submission {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final List<String> KEYS =
      List.of("from", "to", "cc", "bcc", "subject", "contentType", "text");

  private final String hostname;
  private final MessageComposer composer;
  private final int recipientsMax;
  private final long sizeMax;

  Submission(String hostname, int recipientsMax, long sizeMax) {
    this.hostname = hostname;
    this.composer = new MessageComposer(hostname);
    this.recipientsMax = recipientsMax;
    this.sizeMax = sizeMax;
  }

  /**
   * The mail.
   *
   * @param body as {@link JmsPayload#body} gives it
   * @throws RefusedException with a sentence that says what to do
   */
  Mail read(
      MailId id, Instant now, Map<String, Object> properties, Object body, Optional<String> user)
      throws RefusedException {
    Origin origin = Origin.jms(user, now);
    String format = format(properties, body);
    return switch (format) {
      case "rfc5322" -> raw(id, origin, properties, body);
      case "text" -> composed(id, origin, fields(properties, text(body)));
      case "map" -> composed(id, origin, map(body));
      case "json" -> composed(id, origin, json(text(body)));
      default ->
          throw new RefusedException(
              "5.6.0", "format must be rfc5322, text, map or json, not " + format);
    };
  }

  private static String format(Map<String, Object> properties, Object body)
      throws RefusedException {
    Object said = properties.get("format");
    if (said != null) {
      return said.toString();
    }
    if (body instanceof JmsPayload.Unsupported unsupported) {
      throw new RefusedException(
          "5.6.0",
          "a "
              + unsupported.kind()
              + " is no mail: send a BytesMessage, a TextMessage or a MapMessage");
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
    return body instanceof String text && text.stripLeading().startsWith("{") ? "json" : "rfc5322";
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
    List<EmailAddress> recipients;
    if (rcptTo.isBlank()) {
      recipients = new ArrayList<>();
      for (String name : List.of("To", "Cc", "Bcc")) {
        for (Header.Field field : header.all(name)) {
          recipients.addAll(AddressList.parse(name, field.value()).addresses());
        }
      }
      content = withoutBcc(content, header);
    } else {
      recipients = AddressList.parse("rcptTo", rcptTo).addresses();
    }
    Object from = properties.get("mailFrom");
    ReversePath sender =
        from == null
            ? senderOf(header)
            : reversePath(from.toString().strip().replaceAll("^<(.*)>$", "$1"));
    return mail(id, origin, sender, recipients, content);
  }

  private Content rawContent(Object body) throws RefusedException {
    return switch (body) {
      case byte[] bytes -> Content.of(crlf(bytes));
      case String text -> Content.of(crlf(text.getBytes(StandardCharsets.UTF_8)));
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

  /** Lines end in CRLF: a queue's text often has LF alone. Proper bytes stay the same array. */
  private static byte[] crlf(byte[] bytes) {
    boolean proper = true;
    for (int i = 0; i < bytes.length && proper; i++) {
      boolean cr = bytes[i] == '\r' && (i + 1 == bytes.length || bytes[i + 1] != '\n');
      boolean lf = bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r');
      proper = !cr && !lf;
    }
    if (proper) {
      return bytes;
    }
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream(bytes.length + 256);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b == '\n' || b == '\r') {
        out.write('\r');
        out.write('\n');
        if (b == '\r' && i + 1 < bytes.length && bytes[i + 1] == '\n') {
          i++;
        }
      } else {
        out.write(b);
      }
    }
    return out.toByteArray();
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

  private static ReversePath senderOf(Header header) throws RefusedException {
    for (String name : List.of("Sender", "From")) {
      Optional<Header.Field> field = header.first(name);
      if (field.isPresent()) {
        List<EmailAddress> addresses = AddressList.parse(name, field.get().value()).addresses();
        if (!addresses.isEmpty()) {
          return ReversePath.of(addresses.getFirst());
        }
      }
    }
    throw new RefusedException("5.1.7", "no sender: set mailFrom, or a From field");
  }

  // Composed.

  private static Map<String, String> fields(Map<String, Object> properties, String text) {
    Map<String, String> fields = new HashMap<>();
    for (String key : KEYS) {
      fields.put(key, property(properties, key));
    }
    fields.put("text", text);
    return fields;
  }

  private static Map<String, String> map(Object body) throws RefusedException {
    if (!(body instanceof Map<?, ?> map)) {
      throw new RefusedException("5.6.0", "format map needs a MapMessage");
    }
    Map<String, String> fields = new HashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      fields.put(String.valueOf(entry.getKey()), String.valueOf(entry.getValue()));
    }
    for (String key : List.of("body", "message")) {
      if (!fields.containsKey("text") && fields.containsKey(key)) {
        fields.put("text", fields.getOrDefault(key, ""));
      }
    }
    return fields;
  }

  private static Map<String, String> json(String text) throws RefusedException {
    try {
      JsonNode tree = JSON.readTree(text);
      if (tree == null || !tree.isObject()) {
        throw new RefusedException("5.6.0", "the JSON must be an object");
      }
      Map<String, String> fields = new HashMap<>();
      for (String key : KEYS) {
        JsonNode value = tree.path(key);
        if (value.isArray()) {
          List<String> parts = new ArrayList<>();
          value.forEach(v -> parts.add(v.asText()));
          fields.put(key, String.join(", ", parts));
        } else if (value.isValueNode()) {
          fields.put(key, value.asText());
        }
      }
      return fields;
    } catch (JsonProcessingException e) {
      throw new RefusedException("5.6.0", "the JSON can't be read: " + e.getOriginalMessage());
    }
  }

  private static String text(Object body) throws RefusedException {
    return switch (body) {
      case String text -> text;
      case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
      default -> throw new RefusedException("5.6.0", "this format needs a TextMessage");
    };
  }

  private Mail composed(MailId id, Origin origin, Map<String, String> fields)
      throws RefusedException {
    AddressList from = AddressList.parse("from", fields.getOrDefault("from", ""));
    if (from.isEmpty()) {
      throw new RefusedException("5.1.7", "no sender: set from");
    }
    AddressList to = AddressList.parse("to", fields.getOrDefault("to", ""));
    AddressList cc = AddressList.parse("cc", fields.getOrDefault("cc", ""));
    AddressList bcc = AddressList.parse("bcc", fields.getOrDefault("bcc", ""));
    List<EmailAddress> recipients =
        Stream.of(to, cc, bcc).flatMap(list -> list.addresses().stream()).distinct().toList();
    Content content =
        composer.compose(
            id,
            origin.at(),
            from,
            to,
            cc,
            fields.getOrDefault("subject", ""),
            fields.getOrDefault("contentType", ""),
            fields.getOrDefault("text", ""));
    return mail(id, origin, ReversePath.of(from.addresses().getFirst()), recipients, content);
  }

  // Both.

  private Mail mail(
      MailId id, Origin origin, ReversePath sender, List<EmailAddress> recipients, Content content)
      throws RefusedException {
    if (recipients.isEmpty()) {
      throw new RefusedException("5.1.3", "no recipients: set rcptTo or to");
    }
    if (recipients.size() > recipientsMax) {
      throw new RefusedException(
          "5.5.3", "more than " + recipientsMax + " recipients; split the mail");
    }
    if (content.size() > sizeMax) {
      throw new RefusedException("5.3.4", "the message exceeds the size limit of " + sizeMax);
    }
    Envelope envelope = new Envelope(sender, recipients);
    String received = ReceivedField.of(hostname, id, origin, envelope);
    return new Mail(id, origin, envelope, content.prepend(received));
  }

  private static ReversePath reversePath(String text) throws RefusedException {
    try {
      return ReversePath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RefusedException("5.1.7", "mailFrom is no address: " + text);
    }
  }

  private static String property(Map<String, Object> properties, String name) {
    Object value = properties.get(name);
    return value == null ? "" : value.toString();
  }
}
