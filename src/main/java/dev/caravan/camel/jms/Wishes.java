package dev.caravan.camel.jms;

import dev.caravan.mail.AnswerTo;
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
 */
record Wishes(Optional<String> key, Set<AnswerTo.On> on, Optional<Instant> sendAt) {
  Wishes {
    on = Set.copyOf(on);
  }

  static final String KEY = "mailKey";
  static final String NOTIFY = "notify";
  static final String SEND_AT = "sendAt";

  /** What may stand in the body too. */
  static final List<String> NAMES = List.of(KEY, NOTIFY, SEND_AT);

  private static final int KEY_MAX = 250;

  /**
   * Reads them.
   *
   * @throws RefusedException naming what can't be read
   */
  static Wishes of(Map<String, Object> properties, Map<String, String> body)
      throws RefusedException {
    return new Wishes(
        key(text(KEY, properties, body)),
        on(text(NOTIFY, properties, body)),
        sendAt(text(SEND_AT, properties, body)));
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

  private static Optional<Instant> sendAt(String text) throws RefusedException {
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
          SEND_AT
              + " is a time such as 2026-12-24T18:00:00+01:00, or milliseconds since 1970, not "
              + text);
    }
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
