package dev.caravan.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.caravan.mail.SmtpReply;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
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
    boolean maybeDuplicate) {
  private static final JsonFactory JSON = new JsonFactory();

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

  /** One line of JSON; what is empty is left out. */
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
        json.writeStringField("text", r.text());
        json.writeEndObject();
      }
      text(json, "peer", peer);
      text(json, "tls", tls);
      if (millis >= 0) {
        json.writeNumberField("ms", millis);
      }
      text(json, "source", source);
      if (maybeDuplicate) {
        json.writeBooleanField("maybeDuplicate", true);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static void text(JsonGenerator json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }
}
