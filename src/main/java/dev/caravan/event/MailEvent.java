package dev.caravan.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.SmtpReply;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One fact about a mail.
 *
 * @param at when it happened
 * @param mailId empty when the mail never got a name
 * @param from the reverse path without brackets; empty for {@code <>}
 * @param to the recipients it is about
 * @param site where it goes; empty where that does not matter
 * @param attempt number of the attempt, from 1; 0 where there was none
 * @param reply the remote server's words, or ours
 * @param peer the client or server at the other end; may be empty
 * @param tls protocol and cipher; may be empty
 * @param millis how long the attempt took; negative where there was none
 * @param source the door the mail came in by
 * @param maybeDuplicate the connection was lost after the final dot
 * @param application who had logged in to send it; may be empty
 */
public record MailEvent(
    Type type,
    Instant at,
    String mailId,
    String from,
    List<String> to,
    String site,
    int attempt,
    Optional<SmtpReply> reply,
    String peer,
    String tls,
    long millis,
    String source,
    boolean maybeDuplicate,
    String application) {
  /** ASCII only: what ends a line or moves a terminal's cursor is escaped. */
  private static final JsonFactory JSON =
      new JsonFactoryBuilder().highestNonEscapedChar(126).build();

  private static final ObjectMapper READER = new ObjectMapper();
  private static final int TEXT_MAX = 2000;

  /** What happened. */
  public enum Type {
    RECEIVED,
    REJECTED,
    QUEUED,
    DELIVERED,
    DEFERRED,
    BOUNCED,
    EXPIRED,
    HELD,
    DELETED,
    SUPPRESSED,
    COMPLAINED,
    OPENED,
    CLICKED,
    UNSUBSCRIBED;

    private final String text = name().toLowerCase(Locale.ROOT);

    @Override
    public String toString() {
      return text;
    }
  }

  public MailEvent {
    to = List.copyOf(to);
  }

  /** Of nobody who had logged in. */
  public MailEvent(
      Type type,
      Instant at,
      String mailId,
      String from,
      List<String> to,
      String site,
      int attempt,
      Optional<SmtpReply> reply,
      String peer,
      String tls,
      long millis,
      String source,
      boolean maybeDuplicate) {
    this(
        type,
        at,
        mailId,
        from,
        to,
        site,
        attempt,
        reply,
        peer,
        tls,
        millis,
        source,
        maybeDuplicate,
        "");
  }

  /** The same with another meaning. */
  public MailEvent withType(Type other) {
    return new MailEvent(
        other,
        at,
        mailId,
        from,
        to,
        site,
        attempt,
        reply,
        peer,
        tls,
        millis,
        source,
        maybeDuplicate,
        application);
  }

  /** One line of JSON in ASCII; what is empty is left out, but for {@code from} and {@code to}. */
  public String toJson() {
    StringWriter out = new StringWriter(256);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("type", type.toString());
      json.writeStringField("at", at.toString());
      text(json, "mailId", mailId);
      json.writeStringField("from", from);
      json.writeArrayFieldStart("to");
      for (String recipient : to) {
        json.writeString(recipient);
      }
      json.writeEndArray();
      text(json, "site", site);
      if (attempt > 0) {
        json.writeNumberField("attempt", attempt);
      }
      if (reply.isPresent()) {
        SmtpReply r = reply.get();
        json.writeObjectFieldStart("reply");
        json.writeNumberField("code", r.code());
        json.writeStringField("enhanced", r.status().toString());
        json.writeStringField("text", shortened(r.text()));
        json.writeEndObject();
      }
      text(json, "peer", peer);
      text(json, "tls", tls);
      if (millis >= 0) {
        json.writeNumberField("ms", millis);
      }
      text(json, "source", source);
      text(json, "application", application);
      if (maybeDuplicate) {
        json.writeBooleanField("maybeDuplicate", true);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static String shortened(String text) {
    return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
  }

  private static void text(JsonGenerator json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }

  /**
   * Reads what {@link #toJson} wrote; fields that it does not know are ignored.
   *
   * @throws IllegalArgumentException when it is no event
   */
  public static MailEvent fromJson(String line) {
    try {
      JsonNode json = READER.readTree(line);
      List<String> to = new ArrayList<>();
      json.path("to").forEach(recipient -> to.add(recipient.asText()));
      return new MailEvent(
          Type.valueOf(json.path("type").asText().toUpperCase(Locale.ROOT)),
          Instant.parse(json.path("at").asText()),
          json.path("mailId").asText(),
          json.path("from").asText(),
          to,
          json.path("site").asText(),
          json.path("attempt").asInt(),
          reply(json.path("reply")),
          json.path("peer").asText(),
          json.path("tls").asText(),
          json.path("ms").asLong(-1),
          json.path("source").asText(),
          json.path("maybeDuplicate").asBoolean(),
          json.path("application").asText());
    } catch (JsonProcessingException | DateTimeException e) {
      throw new IllegalArgumentException("no event: " + e.getMessage(), e);
    }
  }

  private static Optional<SmtpReply> reply(JsonNode json) {
    if (!json.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new SmtpReply(
            json.path("code").asInt(),
            EnhancedCode.parse(json.path("enhanced").asText()),
            List.of(json.path("text").asText())));
  }
}
