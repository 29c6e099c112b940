package dev.caravan.camel.jms;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a draft from properties and a text, from a map, or from JSON; the keys are the same. What
 * it would have to leave out, it refuses.
 */
final class DraftReader {
  private static final List<String> KEYS =
      List.of("from", "replyTo", "to", "cc", "bcc", "subject", "contentType", "html");
  private static final List<String> TEXTS = List.of("text", "body", "message");
  private static final int ATTACHMENTS_MAX = JsonReader.ATTACHMENTS_MAX;

  private DraftReader() {}

  /**
   * What was read.
   *
   * @param wishes what else was said of the mail, as {@link Wishes} names it
   */
  record Found(Draft draft, Map<String, String> wishes) {
    Found {
      wishes = Map.copyOf(wishes);
    }

    /** What else there is stands in the properties. */
    Found(Draft draft) {
      this(draft, Map.of());
    }
  }

  /** A text with properties. */
  static Draft ofText(Map<String, Object> properties, Object body) throws RefusedException {
    Map<String, String> fields = new HashMap<>();
    for (String key : KEYS) {
      Object value = properties.get(key);
      if (value != null) {
        fields.put(key, value.toString());
      }
    }
    fields.put("text", text(body));
    return draft(fields, List.of());
  }

  /** A map: octets under any other key are an attachment of that name. */
  static Found ofMap(Object body) throws RefusedException {
    if (!(body instanceof Map<?, ?> given)) {
      throw new RefusedException("5.6.0", "format map needs a MapMessage");
    }
    Map<String, Object> map = new TreeMap<>();
    given.forEach((key, value) -> map.put(String.valueOf(key), value));
    Map<String, String> fields = new HashMap<>();
    for (String key : KEYS) {
      Object value = map.remove(key);
      if (value instanceof byte[]) {
        throw new RefusedException("5.6.0", key + " must be a text, not octets");
      }
      if (value != null) {
        fields.put(key, value.toString());
      }
    }
    for (String key : TEXTS) {
      if (!fields.containsKey("text") && map.containsKey(key)) {
        Object value = map.remove(key);
        fields.put("text", value instanceof byte[] ? text(value) : String.valueOf(value));
      }
    }
    Map<String, String> wishes = new HashMap<>();
    for (String name : Wishes.NAMES) {
      Object value = map.get(name);
      if (value != null && !(value instanceof byte[])) {
        wishes.put(name, value.toString());
      }
    }
    List<Attachment> attachments = new ArrayList<>();
    for (Map.Entry<String, Object> entry : map.entrySet()) {
      if (entry.getValue() instanceof byte[] octets) {
        attachments.add(new Attachment(entry.getKey(), octets));
      }
    }
    if (attachments.size() > ATTACHMENTS_MAX) {
      throw new RefusedException("5.6.0", "a mail has at most 100 attachments");
    }
    return new Found(draft(fields, attachments), wishes);
  }

  /** An object of JSON. */
  static Found ofJson(Object body) throws RefusedException {
    try {
      return JsonReader.read(text(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Draft draft(Map<String, String> fields, List<Attachment> attachments)
      throws RefusedException {
    List<Mailbox> from = list(fields, "from");
    if (from.isEmpty()) {
      throw new RefusedException("5.1.7", "no sender: set from");
    }
    return new Draft(
        Optional.empty(),
        from,
        list(fields, "replyTo"),
        list(fields, "to"),
        list(fields, "cc"),
        list(fields, "bcc"),
        fields.getOrDefault("subject", ""),
        fields.getOrDefault("contentType", ""),
        fields.getOrDefault("text", ""),
        fields.getOrDefault("html", ""),
        List.of(),
        attachments);
  }

  private static List<Mailbox> list(Map<String, String> fields, String key)
      throws RefusedException {
    return AddressParser.parse(key, fields.getOrDefault(key, ""));
  }

  private static String text(Object body) throws RefusedException {
    return switch (body) {
      case String text -> text;
      case byte[] octets -> {
        try {
          yield StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
        } catch (CharacterCodingException e) {
          throw new RefusedException("5.6.0", "the text is not UTF-8");
        }
      }
      default -> throw new RefusedException("5.6.0", "this format needs a TextMessage");
    };
  }
}
