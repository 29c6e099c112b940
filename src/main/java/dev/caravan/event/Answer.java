package dev.caravan.event;

import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.MailOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an application is told of its mail.
 *
 * @param status {@code accepted}, {@code rejected}, {@code delivered}, {@code deferred}, {@code
 *     bounced}, {@code expired}, {@code deleted}, {@code completed}
 * @param mailId empty when there is no mail
 * @param recipients with commas between; empty when it is about all
 * @param reply the remote server's words, or ours; may be empty
 * @param text as JSON
 */
public record Answer(
    AnswerTo to, String status, String mailId, String recipients, String reply, String text) {
  /** Properties of a message that is on its way to whom it is for. */
  public static final String QUEUE = "answerTo";

  public static final String CORRELATION_ID = "answerId";

  private static final int GROUPS = 64;

  /** Those of these events that were asked for with the mail. */
  public static List<Answer> of(MailOptions options, List<MailEvent> events) {
    Optional<AnswerTo> to = options.answers();
    if (to.isEmpty()) {
      return List.of();
    }
    List<Answer> answers = new ArrayList<>();
    for (MailEvent event : events) {
      if (on(event.type()).filter(to.get().on()::contains).isPresent()) {
        answers.add(
            new Answer(
                to.get(),
                event.type().toString(),
                event.mailId(),
                String.join(",", event.to()),
                event.reply().map(Object::toString).orElse(""),
                event.toJson()));
      }
    }
    return answers;
  }

  private static Optional<AnswerTo.On> on(MailEvent.Type type) {
    return switch (type) {
      case DELIVERED -> Optional.of(AnswerTo.On.DELIVERED);
      case DEFERRED -> Optional.of(AnswerTo.On.DEFERRED);
      // Who waits for a failure hears that an operator has ended it.
      case BOUNCED, DELETED -> Optional.of(AnswerTo.On.BOUNCED);
      case EXPIRED -> Optional.of(AnswerTo.On.EXPIRED);
      case RECEIVED,
          REJECTED,
          QUEUED,
          HELD,
          SUPPRESSED,
          COMPLAINED,
          OPENED,
          CLICKED,
          UNSUBSCRIBED ->
          Optional.empty();
    };
  }

  /** What the application reads beside the text; nothing that is empty. */
  public Map<String, String> properties() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("status", status);
    all.put("mailId", mailId);
    all.put("to", recipients);
    all.put("reply", reply);
    all.values().removeIf(String::isEmpty);
    return all;
  }

  /**
   * Answers of one group are handed on one after the other, so that an application hears first what
   * was first; those of one mail are of one group, and there are few groups.
   */
  public String group() {
    return Integer.toString(Math.floorMod(mailId.hashCode(), GROUPS));
  }

  /** The same, and where it goes. */
  public Map<String, String> addressed() {
    Map<String, String> all = new LinkedHashMap<>(properties());
    all.put(QUEUE, to.queue());
    all.put(CORRELATION_ID, to.correlationId());
    return all;
  }
}
