package dev.caravan.camel.jms;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailOptions;
import dev.caravan.queue.Priorities;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an application wants of a mail beside its content; as properties of its message, or in any
 * format that has keys as a key of the same name. A property counts first.
 *
 * @param key {@code mailKey}: the application's own name for the mail; empty without
 * @param on {@code notify}: what the application wants to be told
 * @param sendAt {@code sendAt}: not to be sent before; empty = at once
 * @param expiresAt {@code expiresAt}: not to be sent after; empty = as long as the settings say
 * @param priority {@code priority}, 0 to 9 as in JMS, where a message has its own; only in a body
 */
record Wishes(
    Optional<String> key,
    Set<AnswerTo.On> on,
    Optional<Instant> sendAt,
    Optional<Instant> expiresAt,
    Optional<Integer> priority) {
  Wishes {
    on = Set.copyOf(on);
  }

  static final String KEY = "mailKey";

  /** The key of what has none: for a route that brings mail from elsewhere, maybe twice. */
  static final String KEY_DEFAULT = "mailKeyDefault";

  static final String NOTIFY = "notify";
  static final String SEND_AT = "sendAt";
  static final String EXPIRES_AT = "expiresAt";
  static final String PRIORITY = "priority";

  /** What may stand in the body too. */
  static final List<String> NAMES = List.of(KEY, NOTIFY, SEND_AT, EXPIRES_AT, PRIORITY);

  private static final int KEY_MAX = 250;

  /**
   * Reads them.
   *
   * @throws RefusedException naming what can't be read
   */
  static Wishes of(Map<String, Object> properties, Map<String, String> body)
      throws RefusedException {
    String key = text(KEY, properties, body);
    return new Wishes(
        key(key.isEmpty() ? text(KEY_DEFAULT, properties, Map.of()) : key),
        on(text(NOTIFY, properties, body)),
        instant(SEND_AT, text(SEND_AT, properties, body)),
        instant(EXPIRES_AT, text(EXPIRES_AT, properties, body)),
        priority(body.getOrDefault(PRIORITY, "")));
  }

  /** That it is not to be sent later than then. */
  void requireNotAfter(Instant latest) throws RefusedException {
    if (sendAt.isPresent() && sendAt.get().isAfter(latest)) {
      throw new RefusedException("5.6.0", "sendAt is further away than caravan.smtp.hold-max");
    }
  }

  /** With what the message itself says, which counts first. */
  Wishes with(Optional<Integer> ofMessage, Optional<Instant> expiration) {
    return new Wishes(
        key, on, sendAt, expiration.or(() -> expiresAt), ofMessage.or(() -> priority));
  }

  /**
   * The mail as it is wished.
   *
   * @param answerTo whom to tell what becomes of it, as far as that is wished
   * @param latest how far away its time may be
   * @throws RefusedException when it is further
   */
  Mail applyTo(Mail mail, Optional<AnswerTo> answerTo, Instant latest) throws RefusedException {
    MailOptions options = mail.envelope().options();
    if (priority.isPresent()) {
      options = options.withPriority(Priorities.ofMail(priority.get()));
    }
    if (answerTo.isPresent() && !on.isEmpty()) {
      AnswerTo to = answerTo.get();
      options = options.withAnswers(new AnswerTo(to.queue(), to.correlationId(), on));
    }
    if (expiresAt.isPresent()) {
      options = options.withExpiresAt(expiresAt.get());
    }
    requireNotAfter(latest);
    if (sendAt.isPresent()) {
      options = options.withHoldUntil(sendAt.get());
    }
    return mail.withEnvelope(mail.envelope().withOptions(options));
  }

  /** Writes them where a submission in JSON has them, but for its key. */
  void writeTo(ObjectNode json) {
    if (!on.isEmpty()) {
      json.put(NOTIFY, new AnswerTo("", "", on).onAsText());
    }
    sendAt.ifPresent(at -> json.put(SEND_AT, at.toString()));
    expiresAt.ifPresent(at -> json.put(EXPIRES_AT, at.toString()));
    priority.ifPresent(number -> json.put(PRIORITY, number));
  }

  private static String text(
      String name, Map<String, Object> properties, Map<String, String> body) {
    Object value = properties.get(name);
    return value == null ? body.getOrDefault(name, "") : value.toString();
  }

  private static Set<AnswerTo.On> on(String list) throws RefusedException {
    try {
      return AnswerTo.on(list);
    } catch (IllegalArgumentException e) {
      throw new RefusedException("5.6.0", NOTIFY + ": " + e.getMessage());
    }
  }

  private static Optional<Instant> instant(String name, String text) throws RefusedException {
    if (text.isBlank()) {
      return Optional.empty();
    }
    if (text.matches("\\d{1,15}")) {
      return Optional.of(Instant.ofEpochMilli(Long.parseLong(text)));
    }
    try {
      return Optional.of(OffsetDateTime.parse(text.strip()).toInstant());
    } catch (DateTimeException e) {
      throw new RefusedException(
          "5.6.0",
          name
              + " is a time such as 2026-12-24T18:00:00+01:00, or milliseconds since 1970, not "
              + text);
    }
  }

  private static Optional<Integer> priority(String text) throws RefusedException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.matches("[0-9]")) {
      throw new RefusedException("5.6.0", PRIORITY + " is a number from 0 to 9");
    }
    return Optional.of(Integer.valueOf(text));
  }

  private static Optional<String> key(String text) throws RefusedException {
    if (text.length() > KEY_MAX || text.chars().anyMatch(Character::isISOControl)) {
      throw new RefusedException(
          "5.6.0",
          KEY + " has at most " + KEY_MAX + " characters, none of them a control character");
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
