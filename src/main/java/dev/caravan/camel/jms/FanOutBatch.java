package dev.caravan.camel.jms;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.event.Answer;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.MailId;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Recipients of one submission whose mails are made in one transaction, as a message of {@code
 * mail.fanout}.
 *
 * @param head what their mails have in common
 */
record FanOutBatch(Common common, ObjectNode head, List<Entry> entries) {
  static final String ID = "fanoutId";

  /** How often the recipients have been put off one after the other. */
  static final String PUT_OFF = "putOff";

  private static final String APPLICATION = "application";
  private static final String NOTIFY = "notify";
  private static final String SEND_AT = "sendAt";
  private static final String EXPIRES_AT = "expiresAt";
  private static final String PRIORITY = "priority";
  private static final String TOTAL = "total";
  private static final int NONE = -1;

  FanOutBatch {
    entries = List.copyOf(entries);
  }

  /** A recipient: its place in the submission, from 0, and what stands there. */
  record Entry(int index, JsonNode recipient) {}

  /**
   * What all batches of a submission know.
   *
   * @param id its name; the mails' are made of it
   * @param answerTo where the application is told
   * @param total of its recipients
   */
  record Common(
      MailId id, Optional<String> user, Optional<AnswerTo> answerTo, Wishes wishes, int total) {

    /** The name of a recipient's mail, always the same. */
    MailId idOf(int index) {
      return new MailId(id.value() + "." + index);
    }

    void writeTo(Message message) throws JMSException {
      message.setStringProperty(ID, id.value());
      message.setStringProperty(APPLICATION, user.orElse(""));
      if (answerTo.isPresent()) {
        message.setStringProperty(Answer.QUEUE, answerTo.get().queue());
        message.setStringProperty(Answer.CORRELATION_ID, answerTo.get().correlationId());
      }
      message.setStringProperty(NOTIFY, new AnswerTo("", "", wishes.on()).onAsText());
      message.setLongProperty(SEND_AT, wishes.sendAt().map(Instant::toEpochMilli).orElse(0L));
      message.setLongProperty(EXPIRES_AT, wishes.expiresAt().map(Instant::toEpochMilli).orElse(0L));
      message.setIntProperty(PRIORITY, wishes.priority().orElse(NONE));
      message.setIntProperty(TOTAL, total);
    }

    static Common of(Message message) throws JMSException {
      String queue = message.getStringProperty(Answer.QUEUE);
      Optional<AnswerTo> answerTo =
          queue == null
              ? Optional.empty()
              : Optional.of(
                  new AnswerTo(queue, message.getStringProperty(Answer.CORRELATION_ID), Set.of()));
      int priority = message.getIntProperty(PRIORITY);
      Wishes wishes =
          new Wishes(
              Optional.empty(),
              AnswerTo.on(message.getStringProperty(NOTIFY)),
              instant(message.getLongProperty(SEND_AT)),
              instant(message.getLongProperty(EXPIRES_AT)),
              priority == NONE ? Optional.empty() : Optional.of(priority));
      return new Common(
          new MailId(message.getStringProperty(ID)),
          Optional.of(message.getStringProperty(APPLICATION)).filter(name -> !name.isEmpty()),
          answerTo,
          wishes,
          message.getIntProperty(TOTAL));
    }

    private static Optional<Instant> instant(long millis) {
      return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
  }

  /** Batches of one submission are of one group: one after the other, whoever works them off. */
  BytesMessage message(Session session) throws JMSException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonText.MAPPER.createGenerator(out)) {
      json.writeStartObject();
      json.writeObjectField("head", head);
      json.writeArrayFieldStart(FanOut.RECIPIENTS);
      for (Entry entry : entries) {
        json.writeStartArray();
        json.writeNumber(entry.index());
        json.writeTree(entry.recipient());
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(out.toByteArray());
    common.writeTo(message);
    message.setStringProperty("JMSXGroupID", common.id().value());
    return message;
  }

  /**
   * Reads one.
   *
   * @throws IOException when it is none
   */
  static FanOutBatch of(BytesMessage message) throws JMSException, IOException {
    byte[] octets = new byte[Math.toIntExact(message.getBodyLength())];
    message.readBytes(octets);
    JsonNode tree = JsonText.MAPPER.readTree(octets);
    if (!(tree.path("head") instanceof ObjectNode head)) {
      throw new IOException("a batch has a head");
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonNode entry : tree.path(FanOut.RECIPIENTS)) {
      entries.add(new Entry(entry.path(0).asInt(), entry.path(1)));
    }
    return new FanOutBatch(Common.of(message), head, entries);
  }
}
