package dev.caravan.camel.jms;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.template.Templates;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.MailId;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Submissions with {@code recipients}: each of them gets a mail of its own. They are cut into
 * batches, which enter {@code mail.fanout} in the transaction that takes the submission in; {@link
 * FanOutWorker} makes the mails. The recipients are read as a stream, twice: once to know that all
 * of it can be read, and once to send the batches.
 */
public final class FanOut {
  static final String RECIPIENTS = "recipients";

  private static final List<String> NOT_COMMON = List.of("to", "cc", "bcc");

  /** Characters or octets of one recipient with its data. */
  private static final long RECIPIENT_MAX = 64 * 1024;

  /** A batch is cut when it is longer, whatever the number of its mails. */
  private static final long BATCH_OCTETS = 1024 * 1024;

  private final Templates templates;
  private final int recipientsMax;
  private final long headMax;
  private final int batch;

  /**
   * @param recipientsMax of one submission
   * @param headMax characters or octets of what all recipients have in common
   * @param batch mails that are made in one transaction
   */
  public FanOut(Templates templates, int recipientsMax, long headMax, int batch) {
    this.templates = templates;
    this.recipientsMax = recipientsMax;
    this.headMax = headMax;
    this.batch = batch;
  }

  /**
   * A submission that has been read once.
   *
   * @param body where its recipients are read from
   * @param head what they have in common
   * @param count of its recipients
   */
  record Plan(Object body, ObjectNode head, int count, Wishes wishes) {
    Plan with(Wishes others) {
      return new Plan(body, head, count, others);
    }
  }

  private interface Visitor {
    void at(int index, JsonNode recipient, long length) throws JMSException, IOException;
  }

  /** A body of JSON in which a template, where it names one, is filled in. */
  Object filled(Map<String, Object> properties, Object body) throws RefusedException {
    return isJson(properties, body) ? TemplateText.filled(body, templates, headMax) : body;
  }

  /**
   * Reads it, unless it is an ordinary submission.
   *
   * @throws RefusedException when it can't be read, or has too many recipients
   */
  Optional<Plan> plan(Map<String, Object> properties, Object body)
      throws RefusedException, JMSException {
    if (!isJson(properties, body) || !JsonText.has(body, RECIPIENTS)) {
      return Optional.empty();
    }
    ObjectNode head = JsonText.MAPPER.createObjectNode();
    int count = each(body, head, (index, recipient, length) -> {});
    if (count <= 0) {
      throw new RefusedException("5.1.3", "recipients is empty");
    }
    for (String key : NOT_COMMON) {
      if (head.has(key)) {
        throw new RefusedException(
            "5.6.0", key + " stands with each of the recipients, not beside them");
      }
    }
    Map<String, String> said = new HashMap<>();
    for (String name : Wishes.NAMES) {
      JsonNode value = head.remove(name);
      if (value != null && !value.isNull()) {
        said.put(name, text(value));
      }
    }
    return Optional.of(new Plan(body, head, count, Wishes.of(properties, said)));
  }

  /** A list is one with commas between. */
  private static String text(JsonNode value) {
    List<String> words = new ArrayList<>();
    (value.isArray() ? value : List.of(value)).forEach(word -> words.add(word.asText()));
    return String.join(",", words);
  }

  private static boolean isJson(Map<String, Object> properties, Object body) {
    return Submission.format(properties, body).equals("json");
  }

  /**
   * Goes through it.
   *
   * @param head gets what stands beside the recipients
   * @return how many there are
   */
  private int each(Object body, ObjectNode head, Visitor visitor)
      throws RefusedException, JMSException {
    try (JsonText.Limited json = JsonText.open(body)) {
      json.nextToken();
      int count = 0;
      long room = headMax;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        if (key.equals(RECIPIENTS)) {
          count = recipients(json, visitor);
        } else {
          long before = json.offset();
          head.set(key, json.value(key, room));
          room -= json.offset() - before;
        }
      }
      if (json.nextToken() != null) {
        throw new RefusedException("5.6.0", "the JSON can't be read: something follows it");
      }
      return count;
    } catch (JsonText.Limited.TooLongException e) {
      throw new RefusedException(
          "5.3.4", e.getMessage() + "; see caravan.fan-out.head-max for what is not a recipient");
    } catch (IOException e) {
      throw TemplateText.unreadable(e);
    }
  }

  private int recipients(JsonText.Limited json, Visitor visitor)
      throws IOException, RefusedException, JMSException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new RefusedException("5.6.0", "recipients must be an array of objects");
    }
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == recipientsMax) {
        throw new RefusedException(
            "5.5.3", "more than " + recipientsMax + " recipients; split the submission");
      }
      long before = json.offset();
      JsonNode recipient = json.value("recipients[" + count + "]", RECIPIENT_MAX);
      visitor.at(count, recipient, json.offset() - before);
      count++;
    }
    return count;
  }

  /**
   * Puts its batches into their queue, and the count of what has become of them, with the session
   * that has received it.
   */
  void put(
      Session session, Plan plan, MailId id, Optional<String> user, Optional<AnswerTo> answerTo)
      throws JMSException {
    FanOutBatch.Common common =
        new FanOutBatch.Common(id, user, answerTo, plan.wishes(), plan.count());
    try (MessageProducer producer = session.createProducer(Destinations.FAN_OUT)) {
      List<FanOutBatch.Entry> entries = new ArrayList<>();
      long[] length = new long[1];
      each(
          plan.body(),
          JsonText.MAPPER.createObjectNode(),
          (index, recipient, octets) -> {
            entries.add(new FanOutBatch.Entry(index, recipient));
            length[0] += octets;
            if (entries.size() == batch || length[0] > BATCH_OCTETS) {
              producer.send(new FanOutBatch(common, plan.head(), entries).message(session));
              entries.clear();
              length[0] = 0;
            }
          });
      if (!entries.isEmpty()) {
        producer.send(new FanOutBatch(common, plan.head(), entries).message(session));
      }
    } catch (RefusedException e) {
      throw new IllegalStateException("it was read before", e);
    }
    FanOutTally.begin(session, common);
  }

  Templates templates() {
    return templates;
  }
}
