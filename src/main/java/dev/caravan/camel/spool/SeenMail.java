package dev.caravan.camel.spool;

import dev.caravan.queue.MailCodec;
import dev.caravan.queue.MailState;
import dev.caravan.queue.QueueNames;
import java.util.List;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.Message;

/**
 * What a message tells of the mail in it, without its content.
 *
 * @param inHand whether a worker has it in its hands
 * @param id empty for a message that is no mail
 * @param to with commas between
 * @param queuedAt milliseconds since 1970
 * @param size octets; negative when unknown
 * @param retryAt when it is due, milliseconds since 1970; 0 = now, or not at all
 * @param holdUntil not to be sent before, milliseconds since 1970; 0 = at once
 * @param history what was said in the last attempts
 */
public record SeenMail(
    String queue,
    boolean inHand,
    String id,
    String from,
    String to,
    String site,
    long attempts,
    long queuedAt,
    long size,
    long retryAt,
    long holdUntil,
    String lastReply,
    String heldWhy,
    String deadReason,
    String user,
    String source,
    List<String> history) {
  public SeenMail {
    history = List.copyOf(history);
  }

  /** What this message of a queue tells. */
  public static SeenMail of(String queue, boolean inHand, Message message) {
    return new SeenMail(
        queue,
        inHand,
        text(message, "mailId"),
        text(message, "mailFrom"),
        text(message, "rcptTo"),
        text(message, MailCodec.SITE),
        number(message, "attempts", 0),
        number(message, "queuedAt", message.getTimestamp()),
        number(message, "size", -1),
        waits(queue) ? number(message, SpoolMessages.RETRY_AT, 0) : 0,
        number(message, "holdUntil", 0),
        text(message, "lastReply"),
        text(message, "heldWhy"),
        text(message, "deadReason"),
        text(message, "user"),
        text(message, "source"),
        MailCodec.history(text(message, "history")));
  }

  /** Mail that the broker has moved on keeps the time that it waited for. */
  private static boolean waits(String queue) {
    return queue.startsWith(QueueNames.RETRY_PREFIX) || queue.startsWith(QueueNames.HOLD_PREFIX);
  }

  private static String text(Message message, String name) {
    Object value = message.getObjectProperty(name);
    return value == null ? "" : value.toString();
  }

  private static long number(Message message, String name, long absent) {
    String text = text(message, name);
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : absent;
  }

  /** How it waits; empty for a queue that holds no mail of ours. */
  public Optional<MailState> state() {
    return MailState.ofQueue(queue);
  }
}
